"""`python -m tests.redes.ponte ADDRESS PORT`: what listens on the loopback is reached from the network too."""

import asyncio
import contextlib
import sys


async def _passar(de: asyncio.StreamReader, para: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while dados := await de.read(65536):
            para.write(dados)
            await para.drain()
    para.close()


async def _main(endereco: str, porta: int) -> None:
    async def atender(leitura: asyncio.StreamReader, escrita: asyncio.StreamWriter) -> None:
        la, volta = await asyncio.open_connection("127.0.0.1", porta)
        await asyncio.gather(_passar(leitura, volta), _passar(la, escrita))

    servidor = await asyncio.start_server(atender, endereco, porta)
    await servidor.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], int(sys.argv[2])))
