#!/usr/bin/env python3
"""Receives Alertmanager's webhook messages and appends each as one JSON line to a file: a stand-in
for an SMS or WeCom gateway, used by quickstart and the tests.

    webhook_receiver.py --listen 127.0.0.1:0 --out messages.jsonl [--ready-file FILE]

A line: {"path": "/critical", "message": <what Alertmanager sent>}. The ready file holds {"port"}.
"""

import argparse
import http.server
import json
import os
import threading

MAX_MESSAGE_BYTES = 4 << 20


class Receiver(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address, out):
        super().__init__(address, Handler)
        self.out = out
        self.lock = threading.Lock()

    def keep(self, path, message):
        line = json.dumps({"path": path, "message": message}, ensure_ascii=False)
        with self.lock, open(self.out, "a", encoding="utf-8") as file:
            file.write(line + "\n")


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        length = int(self.headers.get("Content-Length", 0))
        if length > MAX_MESSAGE_BYTES:
            self.send_error(413, f"message of {length} bytes, limit {MAX_MESSAGE_BYTES}")
            return
        try:
            message = json.loads(self.rfile.read(length))
        except ValueError as error:
            self.send_error(400, f"not JSON: {error}")
            return
        self.server.keep(self.path, message)
        self.send_response(200)
        self.end_headers()

    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"ready\n")

    def log_message(self, *_):
        pass


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--listen", default="127.0.0.1:9095")
    parser.add_argument("--out", required=True)
    parser.add_argument("--ready-file")
    arguments = parser.parse_args()
    host, port = arguments.listen.rsplit(":", 1)
    server = Receiver((host, int(port)), arguments.out)
    if arguments.ready_file:
        with open(arguments.ready_file + ".new", "w", encoding="utf-8") as file:
            json.dump({"port": server.server_address[1]}, file)
        os.replace(arguments.ready_file + ".new", arguments.ready_file)
    server.serve_forever()


if __name__ == "__main__":
    main()
