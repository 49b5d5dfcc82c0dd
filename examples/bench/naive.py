"""Copies recordings from Zoom to Kaltura as scripts do it: to disk first, then up in pieces, one after the other."""

import os
import sys
import tempfile

import requests

CHUNK = 10 * 1024 * 1024


def call(base, service, action, **params):
    url = f"{base}/api_v3/service/{service}/action/{action}"
    answer = requests.post(url, json={"format": 1, "clientTag": "script", **params}).json()
    if isinstance(answer, dict) and answer.get("objectType") == "KalturaAPIException":
        raise SystemExit(f"{service}.{action}: {answer}")
    return answer


def copy(media, kaltura, ks, number):
    with tempfile.NamedTemporaryFile(suffix=".mp4") as recording:
        with requests.get(media, stream=True) as download:
            for part in download.iter_content(chunk_size=1024 * 1024):
                recording.write(part)
        recording.seek(0)
        size = os.path.getsize(recording.name)
        token = call(kaltura, "uploadToken", "add", ks=ks, uploadToken={
            "objectType": "KalturaUploadToken", "fileName": "recording.mp4", "fileSize": str(size)})
        at = 0
        while at < size:
            part = recording.read(CHUNK)
            last = at + len(part) == size
            answer = requests.post(
                f"{kaltura}/api_v3/service/uploadToken/action/upload",
                data={"ks": ks, "format": 1, "clientTag": "script", "uploadTokenId": token["id"],
                      "resume": int(at > 0), "finalChunk": int(last), "resumeAt": at},
                files={"fileData": ("recording.mp4", part)}).json()
            if answer.get("objectType") == "KalturaAPIException":
                raise SystemExit(f"uploadToken.upload: {answer}")
            at += len(part)
    entry = call(kaltura, "media", "add", ks=ks, entry={
        "objectType": "KalturaMediaEntry", "mediaType": 1, "name": f"Lecture {number}"})
    call(kaltura, "media", "addContent", ks=ks, entryId=entry["id"], resource={
        "objectType": "KalturaUploadedFileTokenResource", "token": token["id"]})


def main():
    media, recordings, kaltura, partner, secret = sys.argv[1:]
    ks = call(kaltura, "session", "start", secret=secret, userId="script", type=2, partnerId=int(partner),
              expiry=86400, privileges="disableentitlement")
    for number in range(int(recordings)):
        copy(media, kaltura, ks, number)


main()
