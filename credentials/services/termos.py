"""The Termo de Autorização of each procurador: signed with the certificate kept in the Vinculo, used while it holds."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from comum import auditoria, segredos
from comum.cofre import CofreErro
from comum.formatos import format_data
from credentials.models import Autor, CertificadoA1, Credencial, TermoAutorizacao, Vinculo
from credentials.providers import termo as provider
from operacoes.errors import AccessDenied, Alcance
from operacoes.http import Certificado

_ONDE = "na janela API Integra Contador"


def impedimento_do_autor(vinculo: Vinculo) -> str:
    """Why this Vinculo's autor cannot ask, in pt-BR with what to do; empty when he can (always when the contratante
    asks for itself)."""
    contratante = vinculo.credencial.contratante
    if vinculo.autor == Autor.CONTRATANTE or (vinculo.autor == Autor.PROCURADOR and vinculo.procurador == contratante):
        return ""
    if vinculo.autor == Autor.CONTRIBUINTE:
        if vinculo.empresa.documento == contratante:
            return ""
        return (
            "Para a própria empresa pedir, é o certificado dela que assina o termo de autorização. Escolha Procurador, "
            f"com o CNPJ da empresa e o certificado dela, {_ONDE}."
        )
    certificado = vinculo.procurador_certificado
    if certificado is None:
        return f"Falta o certificado A1 do procurador, que assina o termo de autorização. Envie-o {_ONDE}."
    if certificado.documento != vinculo.procurador:
        de_quem = f"O certificado do procurador é de {certificado.titular}, e não do CPF ou CNPJ do vínculo."
        return f"{de_quem} Troque-o {_ONDE}."
    if certificado.vencido:
        venceu = format_data(timezone.localtime(certificado.valido_ate))
        return f"O certificado do procurador venceu em {venceu}. Envie o renovado {_ONDE}."
    return ""


def termo_da_empresa(empresa: int | None, contratante: str, autor: str) -> bytes:
    """The signed XML with which `contratante` speaks for `autor` about an empresa. Raises AccessDenied(EMPRESA)."""
    com_tudo = Vinculo.objects.select_related("empresa", "credencial", "procurador_certificado")
    vinculo = com_tudo.filter(empresa=empresa).first()
    if vinculo is None or vinculo.procurador != autor or vinculo.credencial.contratante != contratante:
        raise _negado(f"O autor do pedido mudou depois que a operação foi criada. Confira-o {_ONDE} e repita.")
    if impedimento := impedimento_do_autor(vinculo):
        raise _negado(impedimento)
    certificado = vinculo.procurador_certificado
    assert certificado is not None  # noqa: S101 - impedimento_do_autor() has looked
    return _em_vigor(vinculo.credencial, certificado).xml.encode()


def _em_vigor(credencial: Credencial, certificado: CertificadoA1) -> TermoAutorizacao:
    hoje = timezone.localdate()
    do_autor = TermoAutorizacao.objects.filter(contratante=credencial.contratante, certificado=certificado)
    return do_autor.filter(vigencia__gt=hoje).first() or _assinar(credencial, certificado)


def _assinar(credencial: Credencial, certificado: CertificadoA1) -> TermoAutorizacao:
    hoje = timezone.localdate()
    vigencia = min(hoje + timedelta(days=settings.TERMO_VIGENCIA_DIAS), timezone.localdate(certificado.valido_ate))
    termo = provider.Termo(
        contratante=credencial.contratante,
        contratante_nome=credencial.contratante_nome,
        autor=certificado.documento,
        autor_nome=certificado.titular,
        assinado_em=hoje,
        vigencia=vigencia,
    )
    try:
        aberto = Certificado(segredos.abrir(certificado, "pfx"), segredos.abrir_texto(certificado, "senha"))
    except CofreErro as erro:
        raise _negado(
            "O certificado do procurador não abre com as chaves deste servidor (COFRE_CHAVES). Restaure a chave antiga "
            f"ou envie o certificado de novo {_ONDE}."
        ) from erro
    guardado, novo = TermoAutorizacao.objects.get_or_create(
        contratante=termo.contratante,
        certificado=certificado,
        assinado_em=hoje,
        defaults={
            "autor": termo.autor,
            "autor_nome": termo.autor_nome,
            "vigencia": vigencia,
            "xml": provider.assinar(termo, aberto).decode(),
        },
    )
    if novo:
        auditoria.registrar(
            usuario=None,
            acao="termo.assinar",
            objeto=guardado,
            resumo=f"Termo de autorização de {termo.autor_nome} assinado, vale até {format_data(vigencia)}",
        )
    return guardado


def _negado(mensagem: str) -> AccessDenied:
    return AccessDenied(mensagem, alcance=Alcance.EMPRESA, codigo="TERMO")
