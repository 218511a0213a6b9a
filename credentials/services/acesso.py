"""From a Credencial to the Acesso a provider client needs: the vault is opened here and nowhere else."""

from django.conf import settings
from django.utils import timezone

from comum import auditoria, segredos
from comum.cofre import CofreErro
from comum.formatos import format_data
from credentials.models import Credencial
from credentials.providers.serpro import Acesso
from operacoes.errors import AccessDenied, Alcance
from operacoes.http import Certificado

PREFIXO = "credencial:"


def acesso_de_nome(nome: str) -> Acesso:
    """The Acesso of an Operacao's `acesso` (`credencial:3`). Raises AccessDenied."""
    codigo = nome.removeprefix(PREFIXO)
    credencial = (
        Credencial.objects.select_related("certificado").filter(codigo=codigo).first()
        if nome.startswith(PREFIXO) and codigo.isdecimal()
        else None
    )
    if credencial is None:
        raise _negado("A credencial desta operação não existe mais.", "CREDENCIAL-AUSENTE")
    return acesso_de(credencial)


def acesso_de(credencial: Credencial) -> Acesso:
    """Open what the credencial keeps. Raises AccessDenied(CREDENCIAL) saying what is missing and where to mend it."""
    enderecos = settings.INTEGRA_CONTADOR
    if not credencial.ativa:
        raise _negado(f"A credencial {credencial} está inativa. Reative-a na tabela 102.", "CREDENCIAL-INATIVA")
    if enderecos.bearer_publico:
        return Acesso(
            chave=credencial.acesso,
            versao=credencial.versao,
            contratante=credencial.contratante,
            autenticacao=enderecos.autenticacao,
            base=enderecos.base,
            ca=enderecos.ca,
            bearer_publico=enderecos.bearer_publico,
        )
    if impedimento := impedimento_de(credencial):
        raise _negado(impedimento, "CREDENCIAL-INCOMPLETA")
    certificado = credencial.certificado
    assert certificado is not None  # noqa: S101 - impedimento_de() has looked
    try:
        acesso = Acesso(
            chave=credencial.acesso,
            versao=credencial.versao,
            contratante=credencial.contratante,
            autenticacao=enderecos.autenticacao,
            base=enderecos.base,
            ca=enderecos.ca,
            consumer_key=segredos.abrir_texto(credencial, "consumer_key"),
            consumer_secret=segredos.abrir_texto(credencial, "consumer_secret"),
            certificado=Certificado(
                segredos.abrir(certificado, "pfx"),
                segredos.abrir_texto(certificado, "senha"),
            ),
        )
    except CofreErro as erro:
        raise _negado(
            f"Os segredos da credencial {credencial} não abrem com as chaves deste servidor (COFRE_CHAVES). "
            "Restaure a chave antiga ou informe de novo Key, Secret e certificado.",
            "COFRE",
        ) from erro
    auditoria.registrar_uso(
        objeto=credencial, acao="credencial.usar", nome=f"da credencial {credencial}", versao=credencial.versao
    )
    return acesso


def impedimento_de(credencial: Credencial) -> str:
    """Why this credencial cannot call SERPRO, in pt-BR with what to do; empty when nothing is missing."""
    onde = f"na tabela 102, credencial {credencial.codigo}"
    if credencial.tipo_certificado == Credencial.TipoCertificado.A3:
        return (
            f"A credencial {credencial} usa certificado A3, que fica fora do servidor e não permite chamadas. "
            "Use um certificado A1."
        )
    certificado = credencial.certificado
    if certificado is None:
        return f"Falta o certificado A1. Envie o arquivo .pfx {onde}."
    if certificado.vencido:
        venceu = format_data(timezone.localtime(certificado.valido_ate))
        return f"O certificado da credencial {credencial} venceu em {venceu}. Envie o certificado renovado {onde}."
    if not credencial.consumer_key or not credencial.consumer_secret:
        return f"Faltam a Consumer Key ou o Consumer Secret. Informe-os {onde}."
    return ""


def _negado(mensagem: str, codigo: str) -> AccessDenied:
    return AccessDenied(mensagem, alcance=Alcance.CREDENCIAL, codigo=codigo)
