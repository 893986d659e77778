"""A real SMTP server (aiosmtpd) for the tests: prints its port, then writes each letter it takes into a folder.

With "auth" as second argument it wants STARTTLS-less AUTH from user "mailer" with password "demo-only-mail-password".
With "greylist" it turns the first attempt of each connection's first letter away (451).
"""

import asyncio
import pathlib
import sys

from aiosmtpd.smtp import SMTP, AuthResult

folder = pathlib.Path(sys.argv[1])
modes = sys.argv[2:]


class Handler:
    """Keeps letters; turns the first one away when asked to."""

    def __init__(self):
        self.turned_away = "greylist" not in modes
        self.count = 0

    async def handle_DATA(self, server, session, envelope):
        if not self.turned_away:
            self.turned_away = True
            return "451 4.7.1 Please try again later"
        self.count += 1
        half = folder / "letter.part"
        half.write_bytes(envelope.content)
        half.rename(folder / f"{self.count}-{envelope.rcpt_tos[0]}.eml")
        return "250 2.0.0 Taken"


def authenticate(server, session, envelope, mechanism, data):
    right = data.login == b"mailer" and data.password == b"demo-only-mail-password"
    return AuthResult(success=right)


async def main():
    handler = Handler()
    options = {"enable_SMTPUTF8": True, "hostname": "localhost"}
    if "auth" in modes:
        options.update(authenticator=authenticate, auth_required=True, auth_require_tls=False)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(handler, loop=loop, **options), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
