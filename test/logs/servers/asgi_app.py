"""Answers, or fails, by the path that is asked for."""


async def app(scope, receive, send):
    if scope["type"] != "http":
        raise RuntimeError("only HTTP")
    if scope["path"] == "/fail":
        raise ValueError("no good")
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"ok"})
