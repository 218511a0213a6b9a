"""Channels and notas in any state, written without a service: for the tests of screens and lists."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction

from comum.models import Usuario
from empresas.models import Empresa, Municipio
from nfse.models import CanalNfse, Nota, TipoCanal, Tomador
from nfse.providers.interface import Estado, ItemAplicado, NotaNoServico
from nfse.providers.sisgenfe import Atividade, Unidade
from nfse.services import referencias, registro
from nfse.services.emissao import com_tudo, emitir_uma, prevoo
from nfse.services.notas import DadosItem, DadosNota, gravar
from operacoes.models import Operacao
from operacoes.models import Situacao as SituacaoDaOperacao
from tests.nfse.fabrica import RECIFE, criar_tomador

OUTUBRO = date(2026, 10, 1)
CONTABILIDADE = Atividade(78, "Atividades de contabilidade", "6920-6/01", "17.19")
RODOVIAS = Atividade(617, "Pintura de rodovias", "4211-1/02", "7.05")


def criar_canal(empresa: Empresa, tipo: str = TipoCanal.INTEGRANOTAS, codigo: int = 0, **campos: Any) -> CanalNfse:
    """A channel that passes the pré-voo and opens nothing: at SISGENF-e with its atividades and units read."""
    do_sisgenfe = {"usuario": "ana", "senha": b"selada", "chave_aplicacao": b"selada"}
    padrao = {"serie": "1", "token": b"selado"} if tipo == TipoCanal.INTEGRANOTAS else do_sisgenfe
    canal = CanalNfse.objects.create(
        empresa=empresa, tipo=tipo, codigo=codigo or 7000 + empresa.pk % 1000, **(padrao | campos)
    )
    if tipo == TipoCanal.SISGENFE:
        referencias.guardar(canal, [CONTABILIDADE, RODOVIAS, Unidade(19, "Unidade"), Unidade(24, "Mês")])
    return canal


def criar_item(valor: str = "1000.00", **campos: Any) -> DadosItem:
    padrao: dict[str, Any] = {
        "descricao": "Honorários de outubro",
        "item_lc116": "17.19",
        "atividade": CONTABILIDADE.id,
        "aliquota": Decimal("2.00"),
    }
    return DadosItem(valor_unitario=Decimal(valor), **(padrao | campos))


def criar_nota(
    canal: CanalNfse, usuario: Usuario, tomador: Tomador | None = None, *itens: DadosItem, **campos: Any
) -> Nota:
    """A draft of the channel's empresa, of 10/2026."""
    empresa = canal.empresa
    padrao = criar_item() if canal.numera else criar_item(aliquota=None)
    dados: dict[str, Any] = {
        "empresa": empresa,
        "tomador": tomador or empresa.tomadores.first() or criar_tomador(empresa),
        "competencia": OUTUBRO,
        "emissao": date(2026, 10, 20),
        "municipio_prestacao": Municipio.objects.get(pk=RECIFE),
        "itens": itens or (padrao,),
    }
    return gravar(DadosNota(**(dados | campos)), usuario)


def enviar(nota: Nota, usuario: Usuario) -> Operacao:
    """Submit it: the note is under way, and its operação waits for a worker that no test starts."""
    operacao = emitir_uma(nota.pk, usuario, marca=prevoo(com_tudo([nota.pk])).marca)
    nota.refresh_from_db()
    return operacao


@transaction.atomic
def autorizar(nota: Nota, usuario: Usuario, numero: str = "4001", **resposta: Any) -> Nota:
    """Submit it, and record that the service authorised it."""
    operacao = enviar(nota, usuario)
    Operacao.objects.filter(pk=operacao.pk).update(
        situacao=SituacaoDaOperacao.CONCLUIDA, encerrada_em=operacao.criada_em
    )
    padrao: dict[str, Any] = {
        "chave": f"{int(numero):050d}",
        "numero": numero,
        "valor": nota.valor_servicos,
        "itens": tuple(
            ItemAplicado(item.valor, item.aliquota or Decimal("4.31"), Decimal(0)) for item in nota.itens.all()
        ),
    }
    registro.autorizar(registro.travada(nota.pk), NotaNoServico(Estado.AUTORIZADA, **(padrao | resposta)), operacao)
    nota.refresh_from_db()
    return nota


@transaction.atomic
def recusar(nota: Nota, usuario: Usuario, mensagem: str = "O município recusou o código do serviço.") -> Nota:
    operacao = enviar(nota, usuario)
    operacao.situacao, operacao.encerrada_em = SituacaoDaOperacao.RECUSADA, operacao.criada_em
    operacao.mensagem, operacao.palavras_do_servico = mensagem, "E5002 código inválido"
    operacao.save()
    registro.recusar(registro.travada(nota.pk), operacao)
    nota.refresh_from_db()
    return nota
