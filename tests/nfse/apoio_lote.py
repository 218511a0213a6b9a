"""Empresas that issue on both channels, for tests of what is done to many notes. Nothing here leaves the house."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone

from comum.models import Usuario
from empresas.importacao import base
from empresas.models import Carteira, Empresa, Importacao, Municipio
from nfse.models import CanalNfse, Nota, ReferenciaCanal, TipoCanal
from nfse.services.notas import DadosItem, DadosNota
from nfse.services.rascunhos import gravar_montadas, montar
from tests.cast import criar_empresa
from tests.nfse.fabrica import criar_tomador

OLINDA, RECIFE = "2609600", "2611606"
OUTUBRO = date(2026, 10, 1)
HOJE = "2026-11-21T12:00:00-03:00"
CONTABIL = 78  # the id of the atividade 6920-6/01 at SISGENF-e


def empresa_no_sisgenfe(numero: int, carteira: Carteira | None = None, **campos: Any) -> Empresa:
    """A company of Olinda in the Lucro Presumido, with its channel and two atividades read."""
    empresa = criar_empresa(numero, carteira=carteira, regime="presumido", municipio=OLINDA, **campos)
    acesso = {"usuario": "ana", "senha": b"selada", "chave_aplicacao": b"selada"}
    canal = CanalNfse.objects.create(codigo=numero, empresa=empresa, tipo=TipoCanal.SISGENFE, **acesso)
    ReferenciaCanal.objects.bulk_create(
        ReferenciaCanal(
            canal=canal,
            especie=ReferenciaCanal.Especie.ATIVIDADE,
            codigo=cnae,
            id_servico=id_servico,
            nome=nome,
            lc116=item,
            lida_em=timezone.now(),
        )
        for id_servico, cnae, nome, item in (
            (CONTABIL, "6920-6/01", "Contabilidade", "17.19"),
            (79, "8599-6/04", "Treinamento", "8.02"),
        )
    )
    return empresa


def empresa_no_integranotas(numero: int, carteira: Carteira | None = None, **campos: Any) -> Empresa:
    empresa = criar_empresa(numero, carteira=carteira, regime="presumido", municipio=RECIFE, **campos)
    CanalNfse.objects.create(codigo=numero, empresa=empresa, tipo=TipoCanal.INTEGRANOTAS, serie="1", token=b"selado")
    return empresa


def item(valor: str = "1000.00", **campos: Any) -> DadosItem:
    padrao: dict[str, Any] = {
        "descricao": "Honorários de outubro de 2026",
        "item_lc116": "17.19",
        "atividade": CONTABIL,
        "cnae": "6920601",
    }
    return DadosItem(valor_unitario=Decimal(valor), **(padrao | campos))


def dados_da_nota(empresa: Empresa, *itens: DadosItem, **campos: Any) -> DadosNota:
    padrao: dict[str, Any] = {
        "competencia": OUTUBRO,
        "emissao": date(2026, 10, 20),
        "municipio_prestacao": Municipio.objects.get(pk=empresa.municipio_id),
    }
    tomador = campos.pop("tomador", None) or empresa.tomadores.first() or criar_tomador(empresa)
    return DadosNota(empresa=empresa, tomador=tomador, itens=itens or (item(),), **(padrao | campos))


def criar_rascunhos(dados: Sequence[DadosNota], usuario: Usuario) -> list[Nota]:
    return gravar_montadas(montar(dados, usuario), usuario)


def rascunhos(empresas: Sequence[Empresa], usuario: Usuario, *itens: DadosItem, **campos: Any) -> list[Nota]:
    """One for each."""
    return criar_rascunhos([dados_da_nota(empresa, *itens, **campos) for empresa in empresas], usuario)


def conferir(usuario: Usuario, conteudo: str | bytes, nome: str = "notas.csv", **parametros: Any) -> Importacao:
    importacao = base.receber(
        tipo="notas",
        usuario=usuario,
        nome_arquivo=nome,
        conteudo=conteudo if isinstance(conteudo, bytes) else conteudo.encode(),
        parametros=parametros,
        agendar=False,
    )
    base.conferir(importacao.pk)
    return Importacao.objects.get(pk=importacao.pk)


def importar(importacao: Importacao) -> Importacao:
    base.pedir_importar(importacao, agendar=False)
    base.importar(importacao.pk)
    return Importacao.objects.get(pk=importacao.pk)
