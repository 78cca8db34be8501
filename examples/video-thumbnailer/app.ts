import * as cloud from "tandem";

const bucket = new cloud.Bucket("bucket");

// When a thumbnail is there, say so.
bucket.onPut(
  "onNewThumbnail",
  async (args) => {
    console.log(`*** New thumbnail: file ${args.key}.`);
  },
  { keySuffix: ".jpg" },
);

// A container with ffmpeg takes one frame of a video.
const ffmpegTask = new cloud.Task("ffmpegTask", { build: "./docker-folder", memoryReservation: 512 });

// When a video is there, start that container. The position of the frame is in the name: sample_00-01.mp4 is one second.
bucket.onPut(
  "onNewVideo",
  async (args) => {
    const file = args.key;
    console.log(`*** New video: file ${file}.`);
    const framePos = file.substring(file.lastIndexOf("_") + 1, file.lastIndexOf(".")).replaceAll("-", ":");
    await ffmpegTask.run({
      environment: {
        S3_BUCKET: bucket.id.get(),
        INPUT_VIDEO: file,
        TIME_OFFSET: framePos,
        OUTPUT_FILE: `${file}.jpg`,
      },
    });
    console.log(`*** Started the thumbnail of ${file} at ${framePos}.`);
  },
  { keySuffix: ".mp4" },
);

export const bucketName = bucket.id;
