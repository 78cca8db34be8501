import io
import posixpath
import zipfile

import boto3


def handler(event, context):
    s3 = boto3.client("s3")
    packed = s3.get_object(Bucket=event["bucket"], Key=event["scene"])["Body"].read()
    with zipfile.ZipFile(io.BytesIO(packed)) as scene:
        for name in scene.namelist():
            s3.put_object(Bucket=event["bucket"], Key=f"{event['folder']}/{posixpath.basename(name)}", Body=scene.read(name))
    return {"folder": event["folder"]}
