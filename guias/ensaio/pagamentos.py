"""What the fault harness needs of payments, news and the DAS that pay no declaration."""

from collections.abc import Sequence
from datetime import date
from itertools import batched, cycle

from django.urls import reverse

from empresas.models import Empresa
from guias import ensaio
from guias.providers.eventos import Evento
from guias.services import buscas, prevoo
from guias.services import novidades as de_novidades
from operacoes.ensaio import NoLivro, Palco, PelaTela
from operacoes.models import Operacao
from operacoes.motor import NovaOperacao

_TRIBUTOS = "1001=30.50;1006=120.00"


def do_documento(operacao: Operacao, tipo: str, documento: str) -> NoLivro:
    return NoLivro(ensaio.SERVICO, tipo, operacao.pedido["partes"]["contribuinte"], documentos=(documento,))


def da_guia(operacao: Operacao, tipo: str, numero: str) -> NoLivro:
    """Of a process the ledger has no month, and its number instead."""
    processo = operacao.pedido.get("processo", "")
    pa = "" if processo else operacao.pedido["competencia"][:7].replace("-", "")
    contribuinte = operacao.pedido["partes"]["contribuinte"]
    return NoLivro(ensaio.SERVICO, tipo, contribuinte, pa, numero, documentos=(processo,))


def _periodo(palco: Palco) -> dict[str, str]:
    desde = ensaio.competencia(palco)
    return {"desde": desde.isoformat(), "ate": palco.hoje.isoformat(), "quais": buscas.TODAS}


def perguntas(palco: Palco, acao: str, quantas: int) -> Sequence[NovaOperacao]:
    mes = ensaio.competencia(palco)
    return prevoo.prevoo(acao, ensaio.empresas_vinculadas(palco, quantas), mes, parametros=_periodo(palco)).novas


def comprovantes(palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
    """Few DAS are drawn and paid beforehand, while nothing goes wrong, and each proof is asked for several times."""
    pares = ensaio.guias_emitidas(palco, max(1, quantas // 10))
    for guia, _ in pares:
        palco.controle("pagamentos", {"numero": guia.numero, "data": palco.hoje.isoformat()})
    return [
        ensaio.pergunta_da_guia("guias.pagtoweb.comprovante", guia, vinculo, n)
        for n, (guia, vinculo) in zip(range(quantas), cycle(pares), strict=False)
    ]


def novidades(palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
    """A request for each lot of few empresas: many lots say more than full ones."""
    empresas = ensaio.empresas_vinculadas(palco, quantas * 2)
    novas = []
    for n, lote in enumerate(batched(empresas, 2, strict=False)):
        for nova in de_novidades.planejar(lote, [Evento.PAGAMENTOS]).novas[:1]:
            partes = nova.pedido["partes"]
            novas.append(
                NovaOperacao(
                    tipo=nova.tipo,
                    chave=f"{nova.tipo}:ensaio:{partes['contribuinte'][:14]}:{n}",
                    pedido=nova.pedido,
                    acesso=nova.acesso,
                    empresas=nova.empresas,
                )
            )
    return novas


def emissoes(palco: Palco, acao: str, quantas: int) -> Sequence[NovaOperacao]:
    mes = ensaio.competencia(palco)
    empresas = ensaio.empresas_vinculadas(palco, quantas)
    _dever(palco, empresas, mes)
    novas: list[NovaOperacao] = []
    for empresa in empresas:
        parametros = {"processo": _processo(empresa), "tributos": _TRIBUTOS, "pagamento": ""}
        novas += prevoo.prevoo(acao, [empresa], mes, parametros=parametros).novas
    return novas


def _processo(empresa: Empresa) -> str:
    return f"10880{empresa.documento[:8]}2026"


def _dever(palco: Palco, empresas: Sequence[Empresa], mes: date) -> None:
    valores = {"1006": "250.00"}
    ensaio.cadastrar(
        palco,
        [
            {
                "documento": empresa.documento,
                "cobrancas": [{"pa": int(f"{mes:%Y%m}"), "valores": valores}],
                "processos": [{"numero": _processo(empresa), "valores": valores}],
            }
            for empresa in empresas
        ],
    )


def buscas_pela_tela(novas: Sequence[NovaOperacao]) -> Sequence[PelaTela]:
    """The form of *Buscar pagamentos* with these empresas, then its pré-voo."""
    if not novas:
        return []
    pedido = novas[0].pedido
    campos = (
        ("empresas", ",".join(str(nova.empresa_id) for nova in novas)),
        ("desde", date.fromisoformat(pedido["desde"]).strftime("%d/%m/%Y")),
        ("ate", date.fromisoformat(pedido["ate"]).strftime("%d/%m/%Y")),
        ("quais", buscas.TODAS),
        ("acao", buscas.BUSCAR),
    )
    return [PelaTela(reverse("guias:pagamentos"), campos)]
