/** The id of a resource in the template: `ffmpegTask` and `ffmpeg-task` are both `FfmpegTask`. */
export const logicalId = (name: string): string =>
  name
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
