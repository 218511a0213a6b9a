"""Seeded MEIs and pedidos with which the fault harness exercises PGMEI and CCMEI."""

from collections.abc import Sequence

from credentials.models import Servico
from empresas.models import Empresa, Regime
from guias import ensaio
from guias.services import mei, prevoo
from operacoes.ensaio import NoLivro, Palco
from operacoes.models import Operacao
from operacoes.motor import NovaOperacao

_CPF = "52998224725"


def _meis(palco: Palco, quantos: int) -> list[Empresa]:
    mei_no_sandbox = {"icms": True, "iss": True, "desde": ensaio.competencia(palco).isoformat(), "cpf": _CPF}
    return ensaio.vinculadas(palco, quantos, Regime.MEI, [Servico.MEI], lambda empresa: {"mei": mei_no_sandbox})


def no_livro(operacao: Operacao, tipo: str, *, numero: str = "") -> NoLivro:
    return ensaio.no_livro(operacao, tipo, numero=numero)


def do_beneficio(operacao: Operacao, tipo: str) -> NoLivro:
    """Each month that was told is an effect."""
    pedido = operacao.pedido
    meses = tuple(f"{mes}={int(marcado)}" for mes, marcado in sorted(pedido["meses"].items()))
    return NoLivro(ensaio.SERVICO, tipo, pedido["partes"]["contribuinte"], str(pedido["ano"]), documentos=meses)


def emissoes(palco: Palco, acao: str, quantas: int) -> Sequence[NovaOperacao]:
    return prevoo.prevoo(acao, _meis(palco, quantas), ensaio.competencia(palco)).novas


def beneficios(palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
    mes = ensaio.competencia(palco)
    parametros = {"marcar": "1", "meses": f"{mes:%Y%m}", "intencao": "0" * 16}
    return prevoo.prevoo(mei.MARCAR, _meis(palco, quantas), mes, parametros=parametros).novas


def perguntas(palco: Palco, acao: str, quantas: int) -> Sequence[NovaOperacao]:
    return prevoo.prevoo(acao, _meis(palco, quantas), ensaio.competencia(palco)).novas


def dos_cpfs(palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
    """Each about a person of its own, who has that one MEI."""
    novas = perguntas(palco, mei.PERGUNTA, quantas)
    feitas = []
    for nova in novas:
        cnpj = nova.pedido["partes"]["contribuinte"]
        cpf = _cpf(int(cnpj[1:8]))
        palco.controle(
            "cadastro", {"contribuintes": [{"documento": cnpj, "mei": {"icms": True, "iss": True, "cpf": cpf}}]}
        )
        partes = nova.pedido["partes"] | {"contribuinte": cpf}
        feitas.append(
            NovaOperacao(
                tipo=mei.SITUACAO_CPF,
                chave=nova.chave.replace("ccmei.dados", "ccmei.situacao"),
                pedido=nova.pedido | {"partes": partes},
                acesso=nova.acesso,
                empresa_id=nova.empresa_id,
                competencia=nova.competencia,
            )
        )
    return feitas


def _cpf(numero: int) -> str:
    base = f"{numero:09d}"
    for peso in (10, 11):
        soma = sum(int(digito) * (peso - n) for n, digito in enumerate(base))
        base += str(soma * 10 % 11 % 10)
    return base
