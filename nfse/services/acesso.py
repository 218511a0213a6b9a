"""From the engine's name of an access (`canal:17`, `softhouse:1f2e...`) to the client that uses it: the vault of the
channels is opened here and nowhere else."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from comum import auditoria, segredos
from comum.cofre import CofreErro
from comum.documentos import mascarar
from comum.formatos import format_data
from nfse.models import PREFIXO, CanalNfse, ContaSofthouse, TipoCanal
from nfse.providers.integranotas import AcessoIntegraNotas, IntegraNotas, Softhouse
from nfse.providers.nacional import assinatura
from nfse.providers.nacional.assinatura import Assinante
from nfse.providers.nacional.cliente import Nacional
from nfse.providers.nacional.transporte import AcessoNacional
from nfse.providers.sisgenfe import AcessoSisgenfe, Sisgenfe
from nfse.services import emissores
from nfse.services.limites import limites_integranotas, limites_nacional, limites_sisgenfe, limites_softhouse
from operacoes.clientes import Clientes
from operacoes.errors import AccessDenied, Alcance, ProviderUnavailable
from operacoes.handlers import Limite
from operacoes.http import CaIlegivel, Certificado

PREFIXO_SOFTHOUSE = "softhouse:"
_GRAVACAO_S = 1.0  # from the instant that a save or a test writes down to its commit, at most

_clientes: Clientes[Any] = Clientes()
esquecer = _clientes.esquecer


# -- the rows --------------------------------------------------------------------------------------------------------


def canal_de(acesso: str) -> CanalNfse:
    """The canal of an Operacao's `acesso`, with its empresa, account and certificate. Raises AccessDenied."""
    canal = _canal(acesso)
    if canal is None:
        raise _negado("O canal desta operação não existe mais.", "CANAL-AUSENTE")
    return canal


def conta_de(acesso: str) -> ContaSofthouse:
    """The software-house account of an Operacao's `acesso`. Raises AccessDenied."""
    conta = _conta(acesso)
    if conta is None:
        raise _negado("A conta de software house desta operação não existe mais.", "CONTA-AUSENTE")
    return conta


def _canal(acesso: str) -> CanalNfse | None:
    codigo = acesso.removeprefix(PREFIXO)
    if not acesso.startswith(PREFIXO) or not codigo.isdecimal() or len(codigo) > 9:
        return None
    return CanalNfse.objects.select_related("empresa__municipio", "conta", "certificado").filter(codigo=codigo).first()


def _conta(acesso: str) -> ContaSofthouse | None:
    if not acesso.startswith(PREFIXO_SOFTHOUSE):
        return None
    # An office has one of them, seldom two.
    return next((conta for conta in ContaSofthouse.objects.all() if conta.acesso == acesso), None)


# -- clients ---------------------------------------------------------------------------------------------------------


def abrir_sisgenfe(canal: CanalNfse) -> Sisgenfe:
    def abrir() -> Sisgenfe:
        _conferir(canal, TipoCanal.SISGENFE)
        acesso = AcessoSisgenfe(
            base=settings.SISGENFE.base,
            ca=settings.SISGENFE.ca,
            aplicacao=_segredo(canal, "chave_aplicacao"),
            prestador=canal.empresa.documento,
            usuario=canal.usuario,
            senha=_segredo(canal, "senha"),
        )
        return _usar(canal, lambda: Sisgenfe(acesso))

    cliente: Sisgenfe = _clientes.achar(canal.acesso, versao_de(canal), abrir)
    return cliente


def abrir_integranotas(canal: CanalNfse) -> IntegraNotas:
    def abrir() -> IntegraNotas:
        _conferir(canal, TipoCanal.INTEGRANOTAS)
        acesso = AcessoIntegraNotas(
            base=settings.INTEGRANOTAS.base,
            ca=settings.INTEGRANOTAS.ca,
            token=_segredo(canal, "token"),
            versao_emissao=canal.versao_emissao,
        )
        return _usar(canal, lambda: IntegraNotas(acesso))

    cliente: IntegraNotas = _clientes.achar(canal.acesso, versao_de(canal), abrir)
    return cliente


@dataclass(frozen=True)
class NacionalAberto:
    """What an empresa's A1 does at the national NFS-e: the clients of its services, and its signature."""

    cliente: Nacional
    assinante: Assinante


def abrir_nacional(canal: CanalNfse, sefin: str | None = None) -> NacionalAberto:
    """`sefin` is the address of a document that went already (emissores.NACIONAL: the national one); None is where one
    of this canal's município goes today."""
    proprio = emissores.endereco_de(canal.empresa.municipio_id or "") if sefin is None else sefin

    def abrir() -> NacionalAberto:
        _conferir(canal, TipoCanal.NACIONAL)
        enderecos = settings.NFSE_NACIONAL
        certificado = _a1(canal)
        acesso = AcessoNacional(
            proprio or enderecos.sefin,
            enderecos.adn,
            enderecos.parametros,
            certificado,
            producao=em_producao(),
            ca=enderecos.ca,
        )
        return _usar(
            canal,
            lambda: NacionalAberto(
                Nacional(acesso, servico_com_pontos=settings.NFSE_NACIONAL_SERVICO_COM_PONTOS),
                assinatura.abrir(certificado),
            ),
        )

    # One client for each address: in a doubt about an old note they take turns.
    nome = f"{canal.acesso} {proprio}" if proprio else canal.acesso
    aberto: NacionalAberto = _clientes.achar(nome, versao_de(canal), abrir)
    return aberto


def em_producao() -> bool:
    """Whether a note made by this installation has fiscal effect."""
    return str(settings.AMBIENTE) == "producao"


def abrir_softhouse(conta: ContaSofthouse) -> Softhouse:
    def abrir() -> Softhouse:
        if impedimento := impedimento_da_conta(conta):
            raise _negado(impedimento, "CONTA-INCOMPLETA")
        acesso = AcessoIntegraNotas(
            base=settings.INTEGRANOTAS.base, ca=settings.INTEGRANOTAS.ca, token=_segredo(conta, "token")
        )
        return _usar(conta, lambda: Softhouse(acesso))

    cliente: Softhouse = _clientes.achar(conta.acesso, versao_de(conta), abrir)
    return cliente


def _usar[C](dono: CanalNfse | ContaSofthouse, abrir: Callable[[], C]) -> C:
    try:
        cliente = abrir()
    except CaIlegivel as erro:
        raise ProviderUnavailable(
            f"O arquivo das autoridades que respondem pelo serviço {erro}. Confira SISGENFE_CA, INTEGRANOTAS_CA e "
            "NFSE_NACIONAL_CA na configuração do servidor. Nada foi enviado.",
            codigo="CA-AUSENTE",
        ) from erro
    except OSError as erro:  # TLS, memory or files of this server
        raise ProviderUnavailable(
            f"Este servidor não conseguiu preparar a conexão segura com o serviço ({erro}). Tente de novo; se "
            "continuar, avise quem cuida do servidor. Nada foi enviado.",
            codigo="CONEXAO-NAO-PREPARADA",
        ) from erro
    e_canal = isinstance(dono, CanalNfse)
    auditoria.registrar_uso(
        objeto=dono,
        acao="canal.usar" if e_canal else "softhouse.usar",
        nome=f"do canal {dono.codigo}" if isinstance(dono, CanalNfse) else f"da conta {dono}",
        versao=versao_de(dono),
    )
    return cliente


def versao_de(dono: CanalNfse | ContaSofthouse) -> str:
    """What changes whenever somebody saves it."""
    return (dono.alterado_em if isinstance(dono, CanalNfse) else dono.alterada_em).isoformat()


def _segredo(dono: CanalNfse | ContaSofthouse, campo: str) -> str:
    try:
        return segredos.abrir_texto(dono, campo)
    except CofreErro as erro:
        nome = f"do canal {dono.codigo}" if isinstance(dono, CanalNfse) else f"da conta {dono}"
        raise _negado(
            f"Os segredos {nome} não abrem com as chaves deste servidor (COFRE_CHAVES). Restaure a chave antiga ou "
            "informe-os de novo.",
            "COFRE",
        ) from erro


def _a1(canal: CanalNfse) -> Certificado:
    guardado = canal.certificado
    assert guardado is not None  # noqa: S101 - impedimento_de() has looked
    try:
        return Certificado(segredos.abrir(guardado, "pfx"), segredos.abrir_texto(guardado, "senha"))
    except CofreErro as erro:
        raise _negado(
            f"O certificado do canal {canal.codigo} não abre com as chaves deste servidor (COFRE_CHAVES). Restaure a "
            "chave antiga ou envie-o de novo.",
            "COFRE",
        ) from erro


def _conferir(canal: CanalNfse, tipo: TipoCanal) -> None:
    if canal.tipo != tipo:
        raise _negado(f"O canal {canal.codigo} é do serviço {canal.get_tipo_display()}.", "CANAL-DE-OUTRO-SERVICO")
    if not canal.ativo:
        raise _negado(f"O canal {canal.codigo} está inativo. Reative-o em Canais.", "CANAL-INATIVO")
    if impedimento := impedimento_de(canal):
        raise _negado(impedimento, "CANAL-INCOMPLETO")


def impedimento_de(canal: CanalNfse) -> str:
    """What is missing before this canal can call its service, in pt-BR with where to mend it; empty for nothing."""
    onde = f"no canal {canal.codigo}"
    if canal.tipo == TipoCanal.SISGENFE:
        faltam = [
            nome
            for nome, valor in (
                ("o usuário", canal.usuario),
                ("a senha", canal.senha),
                ("a chave de aplicação", canal.chave_aplicacao),
            )
            if not valor
        ]
        return f"Falta {' e '.join(faltam)} do SISGENF-e. Informe {onde}." if faltam else ""
    if canal.tipo == TipoCanal.INTEGRANOTAS:
        return "" if canal.token else f"Falta o token do emitente no Integra Notas. Informe-o {onde}."
    if canal.certificado is None:
        return f"Falta o certificado A1 do emitente. Escolha ou envie o arquivo {onde}."
    if canal.certificado.vencido:
        venceu = format_data(timezone.localtime(canal.certificado.valido_ate))
        return f"O certificado do emitente venceu em {venceu}. Envie o renovado {onde}."
    if canal.certificado.documento != canal.empresa.documento:
        return (
            f"O certificado é de {mascarar(canal.certificado.documento)}, e a NFS-e Nacional só aceita o do próprio "
            f"emitente, {canal.prestador_mascarado}. Envie-o {onde}."
        )
    return ""


def impedimento_da_conta(conta: ContaSofthouse) -> str:
    if not conta.ativa:
        return f"A conta de software house {conta} está inativa. Reative-a em Software house."
    return "" if conta.token else f"Falta o token da conta de software house {conta}. Informe-o em Software house."


def _negado(mensagem: str, codigo: str) -> AccessDenied:
    return AccessDenied(mensagem, alcance=Alcance.CREDENCIAL, codigo=codigo)


# -- what the engine asks of an access -----------------------------------------------------------------------------


def limites_do_acesso(acesso: str, tipo: TipoCanal) -> tuple[Limite, ...]:
    """The rate limits under which everything of this access is called."""
    if acesso.startswith(PREFIXO_SOFTHOUSE):
        return limites_softhouse(acesso)
    if tipo == TipoCanal.NACIONAL:
        return limites_nacional(acesso)
    return limites_sisgenfe(acesso) if tipo == TipoCanal.SISGENFE else limites_integranotas(acesso)


def acesso_mudou(acesso: str, desde: datetime) -> bool:
    """Whether what the access opens with was changed, or tested well, since `desde`: see Handler.acesso_mudou.

    The row is read as it is once locked: filtered by the change, one being saved would not be found, and not be waited
    for.
    """
    antes = desde - timedelta(seconds=_GRAVACAO_S)
    if (conta := _conta(acesso)) is not None:
        alterada = ContaSofthouse.objects.select_for_update(no_key=True).values_list("alterada_em", flat=True)
        return any(quando > antes for quando in alterada.filter(pk=conta.pk))
    codigo = acesso.removeprefix(PREFIXO)
    if not acesso.startswith(PREFIXO) or not codigo.isdecimal() or len(codigo) > 9:
        return False
    travado = CanalNfse.objects.select_for_update(no_key=True).filter(codigo=codigo)
    colunas = travado.values_list("alterado_em", "testado_em", "teste_ok").first()
    if colunas is None:
        return False
    alterado_em, testado_em, teste_ok = colunas
    return alterado_em > antes or (teste_ok and testado_em is not None and testado_em > antes)


def rotulo_acesso(acesso: str) -> str:
    """The access in words, for the pause banner; `acesso` itself when it is none of ours."""
    if (canal := _canal(acesso)) is not None:
        return f"Canal {canal.codigo} · {canal}"
    if (conta := _conta(acesso)) is not None:
        return f"Software house · {conta}"
    return acesso


def url_do_acesso(acesso: str) -> str:
    """The page where the access is mended, or empty."""
    codigo = acesso.removeprefix(PREFIXO)
    if acesso.startswith(PREFIXO) and codigo.isdecimal():
        return reverse("nfse:canal", args=[codigo])
    return reverse("nfse:softhouse") if acesso.startswith(PREFIXO_SOFTHOUSE) else ""
