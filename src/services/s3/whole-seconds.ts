/** S3 keeps whole seconds: a list, a copy and a head of the same object say the same time. */
export const wholeSeconds = (milliseconds: number): Date => new Date(Math.floor(milliseconds / 1000) * 1000);
