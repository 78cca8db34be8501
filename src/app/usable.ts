/** A resource of the app that functions and tasks may be allowed to reach: a bucket, a task, a function. */
export type Usable = { readonly name: string };
