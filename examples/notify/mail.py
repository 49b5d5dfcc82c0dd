#!/usr/bin/env python3
"""Mails the events of zoom2kaltura (notify.command): alerts and failed purges to a team, a recording's arrival to its host.

    [notify]
    command = "/usr/local/lib/zoom2kaltura/mail.py media-team@example.edu zoom@example.edu"
    recordings = "all"

The first address gets alerts and purges that failed in part, the second is the sender (From). Mail goes to the local sendmail ($SENDMAIL, else
/usr/sbin/sendmail). Exit codes: 0 mailed, 75 try again later, any other: it will not be mailed.

Topics and addresses come from the people who held a meeting. They never reach a shell, a header gets one line of them at most,
and an address is used only if it looks like one.
"""

import json
import os
import re
import subprocess
import sys
from email.message import EmailMessage

ADDRESS = re.compile(r"[A-Za-z0-9_][A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]*@[A-Za-z0-9][A-Za-z0-9.-]*")
TRY_AGAIN = 75

HOSTS = {
    "arrived": ("Your recording is in Kaltura: {topic}", "The recording {topic!r} of {start} is in My Media, private."),
    "handed_over": ("Your recording is in Kaltura: {topic}", "The recording {topic!r} of {start} is in My Media, private."),
    "held": (
        "Your recording waits for you: {topic}",
        "You have no Kaltura account yet, so the recording {topic!r} of {start} is kept for you until {until}.\n"
        "Sign in to Kaltura before then and it becomes yours. In Zoom it stays as it is.",
    ),
}


def one_line(text, most=150):
    """Foreign text without line breaks and other control characters."""
    words = "".join(c if c.isprintable() else " " for c in str(text or ""))
    return " ".join(words.split())[:most]


def line(recording):
    """A recording in an alert or a summary of a purge."""
    names = ("recording_start", "host_email", "topic", "entry_id", "action", "reason", "error", "zoom_deletes")
    return "- " + ", ".join(f"{name}: {one_line(recording[name])}" for name in names if recording.get(name))


def for_host(event):
    """Recipient, subject and text of the news of a recording."""
    recording = event["recording"]
    subject, text = HOSTS[event["state"]]
    facts = {
        "topic": one_line(recording["topic"], 80),
        "start": one_line(recording["recording_start"]),
        "until": one_line(event["deleted_after"]),
    }
    text = text.format(**facts)
    if event["link"]:
        text += "\n\n" + one_line(event["link"], 500)
    return recording["host_email"], subject.format(**facts), text


def for_team(event):
    """Subject and text of an alert or a purge."""
    lines = []
    for alarm in event.get("alarms", []):
        lines.append(f"{alarm['alarm']} ({alarm['state']}): {one_line(alarm['text'] or 'all is well again', 500)}")
        lines += [line(recording) for recording in alarm["items"]]
    lines += [line(recording) for recording in event.get("items", [])]
    return "[zoom2kaltura] " + one_line(event["text"]), "\n".join(lines) + "\n\nzoom2kaltura status says more."


def main():
    team, sender = sys.argv[1:3]
    event = json.load(sys.stdin)
    if event["version"] != 1:
        sys.exit(f"this script knows events of version 1, not {event['version']}")
    if event["event"] == "purge" and not event["failed"]:
        return  # nobody needs to act on it
    if event["event"] == "recording":
        to, subject, text = for_host(event)
    else:
        to, (subject, text) = team, for_team(event)
    if not ADDRESS.fullmatch(to or ""):
        sys.exit("the event has no valid address to mail to")
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text + "\n")
    program = os.environ.get("SENDMAIL", "/usr/sbin/sendmail")
    try:
        ended = subprocess.run([program, "-i", "-f", sender, "--", to], input=mail.as_bytes(), check=False)
    except OSError as error:
        print(f"{program} cannot be started: {error.strerror}", file=sys.stderr)
        sys.exit(TRY_AGAIN)
    sys.exit(ended.returncode if ended.returncode >= 0 else TRY_AGAIN)


main()
