"""From the engine's name of an access (`erp:2`) to the client that uses it: the vault of the accounts is opened here
and nowhere else."""

from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse

from comum import auditoria, segredos
from comum.cofre import CofreErro
from operacoes.clientes import Clientes
from operacoes.errors import AccessDenied, Alcance, ProviderUnavailable
from operacoes.handlers import Limite
from operacoes.http import CaIlegivel
from pagar.models import PREFIXO, ContaErp
from pagar.providers.campos import Formato
from pagar.providers.datasul import AcessoDatasul, Caminhos, Datasul, Motivo

_GRAVACAO_S = 1.0  # from the instant that a save or a test writes down to its commit, at most
_clientes: Clientes[Datasul] = Clientes()
esquecer = _clientes.esquecer


@dataclass(frozen=True)
class Sessao:
    """What the calls of one Operacao need. `conhecidos`: of which meanings the codes of this ERP are known. Where the
    one that says "already done" is not among them, its refusal of a repeat proves nothing."""

    cliente: Datasul
    conhecidos: frozenset[Motivo]


def conta_de(acesso: str) -> ContaErp:
    """The account of an Operacao's `acesso`. Raises AccessDenied."""
    conta = _conta(acesso)
    if conta is None:
        raise _negado("A conta do ERP desta operação não existe mais.", "CONTA-AUSENTE")
    return conta


def _codigo(acesso: str) -> int | None:
    codigo = acesso.removeprefix(PREFIXO)
    return int(codigo) if acesso.startswith(PREFIXO) and codigo.isdecimal() and len(codigo) < 10 else None


def _conta(acesso: str) -> ContaErp | None:
    codigo = _codigo(acesso)
    return None if codigo is None else ContaErp.objects.filter(codigo=codigo).first()


def abrir(conta: ContaErp) -> Sessao:
    """Raises AccessDenied (what is missing in the account, said) and ProviderUnavailable."""
    cliente = _clientes.achar(conta.acesso, versao_de(conta), lambda: _abrir(conta))
    return Sessao(cliente, frozenset(Motivo(motivo) for motivo in conta.codigos.values()))


def _abrir(conta: ContaErp) -> Datasul:
    if impedimento := impedimento_de(conta):
        raise _negado(impedimento, "CONTA-INCOMPLETA")
    try:
        acesso = AcessoDatasul(
            base=conta.base,
            usuario=conta.usuario,
            senha=_segredo(conta, "senha") if conta.senha else "",
            token=_segredo(conta, "token") if conta.token else "",
            ca=settings.DATASUL_CA,
            contexto=conta.contexto,
            caminhos=Caminhos(**conta.caminhos),
            idioma=conta.idioma,
            formato=formato_de(conta),
            codigos={str(codigo): Motivo(motivo) for codigo, motivo in conta.codigos.items()},
            por_pagina=conta.por_pagina,
            paginas_maximas=conta.paginas_maximas,
        )
    except (ValueError, TypeError) as erro:
        raise _negado(f"{erro} Confira a conta {conta.codigo} do ERP.", "CONTA-INCOMPLETA") from erro
    try:
        cliente = Datasul(acesso)
    except CaIlegivel as erro:
        raise ProviderUnavailable(
            f"O arquivo das autoridades que respondem pelo ERP {erro}. Confira DATASUL_CA na configuração do servidor. "
            "Nada foi enviado.",
            codigo="CA-AUSENTE",
        ) from erro
    except OSError as erro:  # TLS, memory or files of this server
        raise ProviderUnavailable(
            f"Este servidor não conseguiu preparar a conexão segura com o ERP ({erro}). Tente de novo; se continuar, "
            "avise quem cuida do servidor. Nada foi enviado.",
            codigo="CONEXAO-NAO-PREPARADA",
        ) from erro
    auditoria.registrar_uso(
        objeto=conta, acao="erp.usar", nome=f"da conta do ERP {conta.codigo}", versao=versao_de(conta)
    )
    return cliente


def formato_de(conta: ContaErp) -> Formato:
    """What this base has of its own, for the checks before sending."""
    return Formato(
        tamanhos={nome: int(tamanho) for nome, tamanho in conta.tamanhos.items()},
        numeros={nome: int(numero) for nome, numero in conta.numeros.items()},
        omitir_vazios=conta.omitir_vazios,
        permitir_1099=conta.permitir_1099,
    )


def versao_de(conta: ContaErp) -> str:
    """What changes whenever somebody saves it."""
    return conta.alterada_em.isoformat()


def _segredo(conta: ContaErp, campo: str) -> str:
    try:
        return segredos.abrir_texto(conta, campo)
    except CofreErro as erro:
        raise _negado(
            f"Os segredos da conta do ERP {conta.codigo} não abrem com as chaves deste servidor (COFRE_CHAVES). "
            "Restaure a chave antiga ou informe-os de novo.",
            "COFRE",
        ) from erro


def impedimento_de(conta: ContaErp) -> str:
    """What is missing before this account can call the ERP, in pt-BR with where to mend it; empty for nothing."""
    if not conta.ativa:
        return f"A conta do ERP {conta.codigo} está inativa. Reative-a em Contas do ERP."
    if conta.token or (conta.usuario and conta.senha):
        return ""
    return f"Falta o usuário e a senha, ou o token, da conta do ERP {conta.codigo}. Informe em Contas do ERP."


def _negado(mensagem: str, codigo: str) -> AccessDenied:
    return AccessDenied(mensagem, alcance=Alcance.CREDENCIAL, codigo=codigo)


CAMINHOS = tuple(campo.name for campo in fields(Caminhos))  # what ContaErp.caminhos may name


# -- what the engine asks of an access ---------------------------------------------------------------------------------


def limites(acesso: str) -> tuple[Limite, ...]:
    conta = _conta(acesso)
    return (Limite(f"datasul:{acesso}", conta.por_segundo if conta else 5, timedelta(seconds=1)),)


def acesso_mudou(acesso: str, desde: datetime) -> bool:
    """Whether what the access opens with was changed, or tested well, since `desde`: see Handler.acesso_mudou.

    The row is read as it is once locked: filtered by the change, one being saved would not be found, and not be waited
    for.
    """
    antes = desde - timedelta(seconds=_GRAVACAO_S)
    if (codigo := _codigo(acesso)) is None:
        return False
    travada = ContaErp.objects.select_for_update(no_key=True).filter(codigo=codigo)
    colunas = travada.values_list("alterada_em", "testada_em", "teste_ok").first()
    if colunas is None:
        return False
    alterada_em, testada_em, teste_ok = colunas
    return alterada_em > antes or (teste_ok and testada_em is not None and testada_em > antes)


def rotulo_acesso(acesso: str) -> str:
    """The access in words, for the pause banner; `acesso` itself when it is none of ours."""
    conta = _conta(acesso)
    return f"Conta do ERP {conta.codigo} · {conta.nome}" if conta else acesso


def url_do_acesso(acesso: str) -> str:
    """The page where the access is mended, or empty."""
    codigo = _codigo(acesso)
    return reverse("pagar:conta", args=[codigo]) if codigo is not None else ""
