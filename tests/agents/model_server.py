# SPDX-License-Identifier: MIT
"""A model for agents, on this host, that always wants the same things.

model_server.py TURNS LOG: serves the streaming form of the "Responses"
interface on a free port of 127.0.0.1, prints the port, and ends when its
standard input does. TURNS is a JSON list of shell commands. Each request that
brings one more tool result gets the next command as a call of the agent's
shell tool, and after the last one a message that ends the turn. Every request
is appended to LOG as a line of JSON.
"""
import http.server
import json
import sys
import threading

TOOL = "exec_command"


def call(number, command):
    """The model wants a command to be run."""
    return {
        "type": "function_call",
        "id": f"fc_{number}",
        "call_id": f"call_{number}",
        "name": TOOL,
        "arguments": json.dumps({"cmd": command, "login": False}),
    }


def message(text):
    """The model has finished."""
    return {
        "type": "message",
        "id": "msg_end",
        "role": "assistant",
        "content": [{"type": "output_text", "text": text, "annotations": []}],
    }


def events(item):
    """The stream that carries one item."""
    usage = {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2}
    response = {"id": "resp", "object": "response", "output": []}
    yield {"type": "response.created",
           "response": {**response, "status": "in_progress"}}
    yield {"type": "response.output_item.added", "output_index": 0,
           "item": item}
    yield {"type": "response.output_item.done", "output_index": 0,
           "item": item}
    yield {"type": "response.completed",
           "response": {**response, "status": "completed", "usage": usage}}


class Model(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    turns = []
    log = None
    lock = threading.Lock()

    def log_message(self, *_):
        pass

    def answer(self, status, kind, body):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.answer(404, "text/plain", b"not here\n")

    def do_POST(self):
        length = int(self.headers.get("Content-Length") or 0)
        request = json.loads(self.rfile.read(length))
        with self.lock:
            print(json.dumps({"path": self.path, "request": request}),
                  file=self.log, flush=True)
        if not self.path.endswith("/responses"):
            self.answer(404, "text/plain", b"not here\n")
            return
        done = sum(item.get("type") == "function_call_output"
                   for item in request["input"])
        if TOOL not in (tool.get("name") for tool in request["tools"]):
            item = message(f"there is no tool {TOOL}")
        elif done < len(self.turns):
            item = call(done, self.turns[done])
        else:
            item = message("all turns are done")
        stream = "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n"
                         for event in events(item))
        self.answer(200, "text/event-stream", stream.encode())


def main():
    with open(sys.argv[1], encoding="utf-8") as turns:
        Model.turns = json.load(turns)
    with open(sys.argv[2], "a", encoding="utf-8") as Model.log:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Model)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(server.server_address[1], flush=True)
        sys.stdin.read()


main()
