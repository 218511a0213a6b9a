"""The archive: a ZIP of 10,000 documents with its memory, the reading of every file, and pages of 1,000,000 rows.

BENCH_ARQUIVO chooses parts (zip, lista); BENCH_ARQUIVO_LINHAS how many rows.
"""

import os
import tempfile
from datetime import date
from typing import Any

from django.db import connection
from django.test import override_settings
from django.urls import reverse

from arquivo.models import Documento
from arquivo.services import guardar, zip_de
from arquivo.services.verificacao import andar, ronda_aberta
from comum.models import Papel, Usuario
from empresas.models import Carteira, Empresa
from tests.bench.medir import medir, medir_pagina
from tests.cast import criar_empresas

NO_ZIP, POUCOS = 10_000, 1_000
LINHAS = int(os.environ.get("BENCH_ARQUIVO_LINHAS", "1000000"))
EMPRESAS, MESES = 1_000, 60
_XML = b"<NFSe>" + b"<linha>Honorarios contabeis do mes, com o que a nota diz deles</linha>" * 120 + b"</NFSe>"

CONSULTAS = {
    "a month, first page": "",
    "a month, whole page": "",
    "a month, sorted by empresa": "?ordem=empresa",
    "a month, search an empresa": "?q=inventada+0321",
    "all months, first page": "?periodo=todos",
    "all months, page 10,000": "?periodo=todos&pagina=10000",
    "all months, last page": "?periodo=todos&pagina=99999",
    "all months, sorted by competência": "?periodo=todos&ordem=competencia",
    "all months, of one kind": "?periodo=todos&tipo=nfse_xml",
    "all months, one number": "?periodo=todos&numero=000054321",
    "all months, one key": "?periodo=todos&chave={chave}",
    "all months, search a key": "?periodo=todos&q={chave}",
    "all months, search a number's beginning": "?periodo=todos&q=00005432",
    "all months, search a common word": "?periodo=todos&q=nfse",
    "all months, search an empresa": "?periodo=todos&q=inventada+0321",
    "all months, search with nothing found": "?periodo=todos&q=padaria+inexistente",
}


def executar() -> list[dict[str, Any]]:
    partes = os.environ.get("BENCH_ARQUIVO", "zip,lista").split(",")
    linhas: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as pasta, override_settings(STORAGES=_em(pasta)):
        if "zip" in partes:
            linhas += _zip()
    if "lista" in partes:
        linhas += _lista()
    return linhas


def _em(pasta: str) -> dict[str, Any]:
    from django.conf import settings

    disco = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": pasta}}
    return settings.STORAGES | {"default": disco}


def _zip() -> list[dict[str, Any]]:
    (empresa,) = criar_empresas([1])
    for n in range(NO_ZIP):
        guardar(
            _XML + str(n).encode(),
            empresa=empresa,
            tipo="nfse_xml",
            nome=f"NFSE-{n}.xml",
            competencia=date(2026, 10, 1),
            mime="application/xml",
            chave=f"{n:050d}",
            numero=str(n),
        )
    consulta = Documento.objects.order_by("criado_em")
    _consumir(consulta[:50])
    with medir() as menor:
        _consumir(consulta[:POUCOS])
    with medir() as maior:
        tamanho = _consumir(consulta)
    with medir() as leitura:
        for _ in andar(ronda_aberta()):
            pass
    return [
        {
            "o_que": f"ZIP of {POUCOS:,} XML of {len(_XML) // 1024} KiB, with its index",
            "nosso_s": menor.segundos,
            "memoria_mb": menor.memoria_mb,
        },
        {
            "o_que": f"ZIP of {NO_ZIP:,} of them ({tamanho / 1e6:.0f} MB sent)",
            "nosso_s": maior.segundos,
            "memoria_mb": maior.memoria_mb,
        },
        {
            "o_que": f"every one of {NO_ZIP:,} files read again",
            "nosso_s": leitura.segundos,
            "memoria_mb": leitura.memoria_mb,
        },
    ]


def _consumir(documentos: Any) -> int:
    resposta = zip_de(documentos, "bench.zip", pasta_por_empresa=True, indice=True)
    return sum(len(parte) for parte in resposta.streaming_content)  # type: ignore[union-attr, misc]


def _encher() -> None:
    """Rows without files, as the server makes them fastest; the words and dates are those of the triggers."""
    carteiras = [Carteira.objects.create(nome=f"Fiscal {n}") for n in range(8)]
    empresas = criar_empresas(range(2, EMPRESAS + 2))
    for n, carteira in enumerate(carteiras):
        Empresa.objects.filter(pk__in=[e.pk for e in empresas[n::8]]).update(carteira=carteira)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO arquivo_documento (id, empresa_id, tipo, competencia, nome, referencia, chave, numero, origem,
                mime, tamanho, sha256, criado_em, reter_ate, busca)
            SELECT gen_random_uuid(), %s + n %% %s, (ARRAY['nfse_xml', 'nfse_pdf', 'das', 'recibo'])[1 + n %% 4],
                make_date(2022 + (n %% %s) / 12, 1 + (n %% %s) %% 12, 1), 'NFSE-' || n || '.xml', '',
                lpad(n::text, 50, '3'), lpad(n::text, 9, '0'), 'servico', 'application/xml', 8000 + n %% 5000,
                encode(sha256(n::text::bytea), 'hex'), now() - n * interval '1 minute', '2031-12-31', ''
              FROM generate_series(1, %s) AS n
            """,
            [empresas[0].pk, EMPRESAS, MESES, MESES, LINHAS],
        )
        cursor.execute("VACUUM ANALYZE")


def _lista() -> list[dict[str, Any]]:
    with medir() as enchendo:
        _encher()
    print(f"{LINHAS:,} rows in {enchendo.segundos:.0f} s")
    usuario = Usuario.objects.create(username="bench", papel=Papel.ADMINISTRADOR)
    operador = Usuario.objects.create(username="bench-operador", papel=Papel.OPERADOR)
    operador.carteiras.set(Carteira.objects.all()[:4])
    valores = {"chave": f"{54321:3>50}"}
    resultado = [_medir(usuario, nome, consulta.format(**valores)) for nome, consulta in CONSULTAS.items()]
    resultado += [
        _medir(operador, f"{nome}, half of the carteiras", CONSULTAS[nome])
        for nome in ("a month, first page", "all months, first page", "all months, search an empresa")
    ]
    return resultado


def _medir(usuario: Usuario, nome: str, consulta: str) -> dict[str, Any]:
    cabecalhos = {} if "whole" in nome else {"HX-Request": "true"}
    medida = medir_pagina(usuario, reverse("arquivo:lista") + consulta, _escrever, **cabecalhos)
    return {"o_que": f"arquivo, {nome} (first after a write: {medida.pop('depois') * 1000:.0f} ms)", **medida}


def _escrever() -> None:
    Documento.objects.filter(sha256="-").update(descartado_em=None)
