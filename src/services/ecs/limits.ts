/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html */
export const maxTasksPerRun = 10;
export const maxTasksDescribed = 100;
export const maxContainers = 10;
export const maxTags = 50;
export const maxPage = 100;
/** A stopped task can be described for an hour. */
export const stoppedLifeMs = 3_600_000;
/** SIGTERM to SIGKILL, unless the container says otherwise. */
export const stopGraceSeconds = 30;
/** How long a client token of RunTask is remembered. */
export const tokenLifeMs = 24 * 3_600_000;
/** How often a task without room asks again; room that is given back is told at once. */
export const waitForRoomMs = 5_000;
/** How long the last lines of an ended task may take to reach its log group. */
export const drainLogsMs = 30_000;
