"""Server time of the list of empresas with 100,000 rows: pages, searches, filters, sorts, through the test client."""

from typing import Any

from django.db import connection
from django.urls import reverse

from comum.models import Papel, Usuario
from empresas.importacao import base
from empresas.models import Carteira, Empresa
from tests.bench.bench_importacao import _csv, linhas_de_empresas
from tests.bench.medir import escrever, medir_pagina

CONSULTAS = {
    "first page": "",
    "page 1,000": "?pagina=1000",
    "last page": "?pagina=99999",
    "search a common word": "?q=ltda",
    "search one name": "?q=054321",
    "search a masked CNPJ": "?q={cnpj}",
    "search with nothing found": "?q=padaria+inexistente",
    "filter regime": "?regime=mei",
    "filter UF": "?uf=PA",
    "filter carteira": "?carteira={carteira}",
    "sort by code": "?ordem=-codigo",
    "sort by CNPJ": "?ordem=documento",
    "sort by regime": "?ordem=regime",
    "sort by município": "?ordem=municipio",
    "sort by município, page 1,000": "?ordem=municipio&pagina=1000",
    "search and sort by code": "?q=joao+comercio&ordem=codigo",
}


def executar(linhas: int = 100_000) -> list[dict[str, Any]]:
    usuario = Usuario.objects.create(username="bench", papel=Papel.ADMINISTRADOR)
    Carteira.objects.bulk_create(Carteira(nome=f"Fiscal {n}") for n in range(8))
    importacao = base.receber(
        tipo="empresas",
        usuario=usuario,
        nome_arquivo="bench.csv",
        conteudo=_csv(linhas_de_empresas(linhas)),
        agendar=False,
    )
    base.conferir(importacao.pk)
    base.pedir_importar(importacao, agendar=False)
    base.importar(importacao.pk)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    operador = Usuario.objects.create(username="bench-operador", papel=Papel.OPERADOR)
    operador.carteiras.set(Carteira.objects.all()[:4])
    valores = {
        "cnpj": Empresa.objects.all()[linhas // 2].documento_mascarado,
        "carteira": str(Carteira.objects.all()[0].pk),
    }
    resultado = [_medir(usuario, nome, consulta.format(**valores)) for nome, consulta in CONSULTAS.items()]
    resultado += [
        _medir(operador, f"{nome}, half of the carteiras", CONSULTAS[nome])
        for nome in ("first page", "search a common word", "search one name")
    ]
    resultado.append(_medir(usuario, "look-up (F2)", "?q=joao+0543", reverse("empresas:procurar")))
    return resultado


def _medir(usuario: Usuario, nome: str, consulta: str, caminho: str = "") -> dict[str, Any]:
    endereco = (caminho or reverse("empresas:lista")) + consulta
    medida = medir_pagina(usuario, endereco, escrever, **{"HX-Request": "true"})
    return {"o_que": f"empresas, {nome} (first after a write: {medida.pop('depois') * 1000:.0f} ms)", **medida}
