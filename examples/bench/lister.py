"""Lists recordings and leaves some out by their topic, as scripts do: every page into memory, then what was seen into SQLite."""

import datetime
import re
import sqlite3
import sys
import time

import requests

LEFT_OUT = re.compile("^Lecture")


def list_meetings(zoom, token, days):
    today = datetime.datetime.now(datetime.timezone.utc).date()
    query = {"from": str(today - datetime.timedelta(days=days)), "to": str(today), "page_size": 300}
    meetings = []
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {token}"
        while True:
            answer = session.get(f"{zoom}/accounts/me/recordings", params=query)
            if answer.status_code == 429:
                time.sleep(1)
                continue
            answer.raise_for_status()
            page = answer.json()
            meetings += page["meetings"]
            if not page["next_page_token"]:
                return meetings
            query["next_page_token"] = page["next_page_token"]


def main():
    zoom, oauth, account, client, secret, days, seen_file = sys.argv[1:]
    answer = requests.post(
        oauth, data={"grant_type": "account_credentials", "account_id": account}, auth=(client, secret))
    answer.raise_for_status()
    meetings = list_meetings(zoom, answer.json()["access_token"], int(days))
    seen = sqlite3.connect(seen_file)
    seen.execute("CREATE TABLE IF NOT EXISTS meetings (uuid TEXT PRIMARY KEY, start TEXT, topic TEXT, host TEXT, why TEXT)")
    known = {uuid for uuid, in seen.execute("SELECT uuid FROM meetings")}
    new = [meeting for meeting in meetings if meeting["uuid"] not in known]
    wanted = [meeting for meeting in new if not LEFT_OUT.search(meeting["topic"])]
    seen.executemany(
        "INSERT INTO meetings VALUES (?, ?, ?, ?, 'topic')",
        ((meeting["uuid"], meeting["start_time"], meeting["topic"], meeting["host_email"]) for meeting in new))
    seen.commit()
    print(len(meetings), len(new), len(wanted))


main()
