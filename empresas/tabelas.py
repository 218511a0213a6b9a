"""Loading of the official tables that ship in empresas/dados: idempotent, skipped when the file has not changed."""

import csv
import hashlib
import io
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import models, transaction

from comum.formatos import normalizar
from empresas.models import (
    Cnae,
    FaixaSimples,
    Feriado,
    ItemLc116,
    Municipio,
    Obrigacao,
    ReceitaFederal,
    ServicoNacional,
    TabelaCarregada,
)

PASTA = Path(__file__).resolve().parent / "dados"
Linha = dict[str, str]


def _plain(model: type[models.Model]) -> Callable[[Linha], models.Model]:
    return lambda linha: model(**linha)


def _municipio(linha: Linha) -> Municipio:
    return Municipio(**linha, busca=normalizar(linha["nome"]))


def _cnae(linha: Linha) -> Cnae:
    digits = "".join(c for c in linha["subclasse"] if c.isdigit())
    return Cnae(subclasse=digits, descricao=linha["descricao"], secao=linha["secao"])


def _feriado(linha: Linha) -> Feriado:
    return Feriado(**(linha | {"data": date.fromisoformat(linha["data"])}))


def _lc116(linha: Linha) -> ItemLc116:
    return ItemLc116(**(linha | {"tomador_local": linha["tomador_local"] == "S"}))


def _faixa(vigencia_de: date, vigencia_ate: date) -> Callable[[Linha], FaixaSimples]:
    fixas = ("anexo", "faixa", "limite_superior_rbt12", "aliquota_nominal", "parcela_deduzir")

    def build(linha: Linha) -> FaixaSimples:
        return FaixaSimples(
            vigencia_de=vigencia_de,
            vigencia_ate=vigencia_ate,
            anexo=linha["anexo"],
            faixa=int(linha["faixa"]),
            limite_superior_rbt12=Decimal(linha["limite_superior_rbt12"]),
            aliquota_nominal=Decimal(linha["aliquota_nominal"]),
            parcela_deduzir=Decimal(linha["parcela_deduzir"]),
            reparticao={k: v for k, v in linha.items() if k not in fixas},
        )

    return build


# file -> (model, row builder, columns of its natural key)
TABELAS: dict[str, tuple[type[models.Model], Callable[[Linha], models.Model], list[str]]] = {
    "municipios.csv": (Municipio, _municipio, ["codigo_ibge"]),
    "cnae.csv": (Cnae, _cnae, ["subclasse"]),
    "feriados_nacionais.csv": (Feriado, _feriado, ["data"]),
    "lc116.csv": (ItemLc116, _lc116, ["item"]),
    "servicos_nacional.csv": (ServicoNacional, _plain(ServicoNacional), ["codigo"]),
    "receitas_federais.csv": (ReceitaFederal, _plain(ReceitaFederal), ["codigo_receita", "extensao"]),
    "obrigacoes.csv": (Obrigacao, _plain(Obrigacao), ["codigo"]),
    "simples_anexos.csv": (
        FaixaSimples,
        _faixa(date(2018, 1, 1), date(2026, 12, 1)),
        ["vigencia_de", "anexo", "faixa"],
    ),
    "simples_anexos_2027.csv": (
        FaixaSimples,
        _faixa(date(2027, 1, 1), date(2028, 12, 1)),
        ["vigencia_de", "anexo", "faixa"],
    ),
}


def _rows(conteudo: bytes) -> Iterator[Linha]:
    return iter(csv.DictReader(io.StringIO(conteudo.decode("utf-8"))))


def load(arquivo: str) -> int:
    """Bring one table to the content of its file; returns the rows written (0 when already loaded).

    Rows that left the file stay, since records may point to them.
    """
    model, build, chave = TABELAS[arquivo]
    conteudo = (PASTA / arquivo).read_bytes()
    sha = hashlib.sha256(conteudo).hexdigest()
    if TabelaCarregada.objects.filter(arquivo=arquivo, sha256=sha).exists():
        return 0
    objetos = [build(linha) for linha in _rows(conteudo)]
    outros = [
        f.name for f in model._meta.concrete_fields if f.name not in chave and not isinstance(f, models.BigAutoField)
    ]
    with transaction.atomic():
        model._default_manager.bulk_create(
            objetos, batch_size=2000, update_conflicts=True, unique_fields=chave, update_fields=outros
        )
        TabelaCarregada.objects.update_or_create(arquivo=arquivo, defaults={"sha256": sha, "linhas": len(objetos)})
    return len(objetos)


def load_after_migrate(**_kwargs: Any) -> None:
    for arquivo in TABELAS:
        load(arquivo)
