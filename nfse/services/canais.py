"""The channels: saving, numbering, switching on and off. Secrets come in, are sealed, and never go out again."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID, uuid4

from django.db import IntegrityError, connection, transaction
from django.db.models import Max
from django.db.models.functions import Now
from django.utils import timezone

from comum import auditoria, segredos
from comum.documentos import mascarar
from comum.formatos import format_data
from comum.models import Usuario
from credentials.models import CertificadoA1
from credentials.services import certificados
from credentials.services.certificados import CertificadoLido, CertificadoNovo
from empresas.models import Empresa, Regime
from nfse.models import CanalNfse, ContaSofthouse, Nota, NumeroLivre, TipoCanal
from nfse.models.canais import CanalQuerySet
from nfse.services import acesso
from operacoes import motor
from operacoes.models import Pausa

SEGREDOS = ("senha", "chave_aplicacao", "token")
CLIENT_ID = "client_id_prefeitura"  # of CanalNfse.opcoes
EXIGENCIAS = (
    "regime_tributacao",
    "regime_apuracao",
    "natureza",
    "exigibilidade",
    "incentivo_fiscal",
    "carga_municipal",
    "informa_im",
    "total_simples",
    "carga_federal",
    "carga_estadual",
)
ROTULOS = {
    "ativo": "ativo",
    "usuario": "usuário",
    "senha": "senha",
    "chave_aplicacao": "chave de aplicação",
    "token": "token",
    "conta": "conta de software house",
    "certificado": "certificado",
    "versao_emissao": "versão da emissão",
    "opcoes": "acesso à prefeitura",
    "regime_tributacao": "regime especial de tributação",
    "regime_apuracao": "apuração no Simples",
    "natureza": "natureza da operação",
    "exigibilidade": "exigibilidade do ISS",
    "incentivo_fiscal": "incentivo fiscal",
    "carga_municipal": "carga tributária municipal",
    "informa_im": "inscrição municipal na nota",
    "total_simples": "alíquota do Simples nos tributos aproximados",
    "carga_federal": "carga tributária federal",
    "carga_estadual": "carga tributária estadual",
    "serie": "série",
    "proximo_numero": "próximo número",
}
# Changes that may mend what paused the canal's access.
RETOMAM = {"ativo", "usuario", "certificado", *SEGREDOS}


@dataclass(frozen=True, repr=False)
class DadosCanal:
    """What the form of a canal brings; the fields that its service does not have stay empty. Empty secret: keep what is
    stored. `certificado`: a new file, the key of a stored one, or None to keep. `serie` and `proximo_numero` count on
    creation only: afterwards numerar() changes them."""

    ativo: bool = True
    usuario: str = ""
    senha: str = ""
    chave_aplicacao: str = ""
    token: str = ""
    client_id: str = ""
    conta: ContaSofthouse | None = None
    certificado: CertificadoNovo | UUID | None = None
    versao_emissao: int = 1
    serie: str = ""
    proximo_numero: int = 1
    regime_tributacao: str = ""
    regime_apuracao: str = ""
    natureza: str = ""
    exigibilidade: str = ""
    incentivo_fiscal: bool | None = None
    carga_municipal: Decimal | None = None
    informa_im: bool = False
    total_simples: Decimal | None = None
    carga_federal: Decimal | None = None
    carga_estadual: Decimal | None = None


class CanalMudou(Exception):
    """Somebody saved the canal after it was opened; the text (pt-BR) names who, when and what."""


class CanalErro(Exception):
    """Not possible; the text is pt-BR for the screen. `campo` is the form field it belongs to, or empty."""

    def __init__(self, mensagem: str, campo: str = "") -> None:
        super().__init__(mensagem)
        self.campo = campo


def proximo_codigo() -> int:
    """Of the sequence, so that two people at once never get the same; an unused one leaves a gap."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('nfse_canal_codigo')")
        return int(cursor.fetchone()[0])


# -- create and alter --------------------------------------------------------------------------------------------------


@transaction.atomic
def criar(*, usuario: Usuario, empresa: Empresa, tipo: TipoCanal, dados: DadosCanal) -> CanalNfse:
    """Raises CanalErro when the empresa cannot have a canal of this service, or has one already."""
    _conferir_empresa(empresa, tipo)
    canal = CanalNfse(id=uuid4(), empresa=empresa, tipo=tipo, serie=dados.serie, proximo_numero=dados.proximo_numero)
    _aplicar(canal, dados)
    canal.codigo = proximo_codigo()
    try:
        with transaction.atomic():
            canal.save(force_insert=True)
    except IntegrityError as erro:
        outro = CanalNfse.objects.filter(empresa=empresa, tipo=tipo).first()
        raise CanalErro(
            f"A empresa já tem um canal de {tipo.label}{f', o {outro.codigo}' if outro else ''}. Altere o que existe.",
            "empresa",
        ) from erro
    auditoria.registrar(
        usuario=usuario,
        acao="canal.incluir",
        objeto=canal,
        resumo=f"Canal {canal.codigo} incluído: {canal}",
        dados={"empresa": empresa.pk, "tipo": canal.tipo, "serie": canal.serie, "proximo_numero": canal.proximo_numero},
    )
    canal.refresh_from_db(fields=["alterado_em"])
    return canal


@transaction.atomic
def alterar(*, usuario: Usuario, canal: CanalNfse, dados: DadosCanal, versao: str) -> CanalNfse:
    """Alter the version that was read (acesso.versao_de). Lifts the pause of its access, if there is one.

    Raises CanalMudou when the canal was saved meanwhile, CanalErro when a field is not acceptable.
    """
    atual = travar(canal, versao)
    anterior = atual.certificado_id
    mudados = _aplicar(atual, dados)
    if not mudados:
        return atual
    gravar(usuario, atual, mudados)
    if anterior is not None and anterior != atual.certificado_id:
        certificados.descartar(usuario, [anterior])
    if atual.ativo and RETOMAM & set(mudados):
        motor.retomar(atual.acesso, usuario)
    return atual


def travar(canal: CanalNfse, versao: str = "") -> CanalNfse:
    """The row as it is now, held until the commit. Raises CanalMudou when it is no longer the version that was read."""
    atual = CanalNfse.objects.select_for_update(of=("self",)).select_related("empresa").get(pk=canal.pk)
    if versao and acesso.versao_de(atual) != versao:
        raise CanalMudou(
            f"{quem_mudou(atual)}, depois que você o abriu. "
            "O que você digitou continua aqui: confira e grave de novo para valer o seu."
        )
    return atual


def gravar(usuario: Usuario | None, canal: CanalNfse, mudados: list[str], resumo: str = "") -> None:
    """Save a canal held by travar(), with its audit row."""
    canal.alterado_em = Now()
    canal.save()
    canal.refresh_from_db(fields=["alterado_em"])
    auditoria.registrar(
        usuario=usuario,
        acao="canal.alterar",
        objeto=canal,
        resumo=resumo or f"Canal {canal.codigo}: {', '.join(ROTULOS.get(campo, campo) for campo in mudados)}",
        dados={"campos": mudados},
    )


def guardar_token(canal: CanalNfse, token: str, usuario: Usuario | None) -> None:
    """Seal the emitente's token into a canal held by travar(), which becomes active, and let what its old access held
    back go on."""
    segredos.selar(canal, "token", token)
    mudados = ["token"] if canal.ativo else ["token", "ativo"]
    canal.ativo = True
    gravar(usuario, canal, mudados)
    motor.retomar(canal.acesso, usuario)
    transaction.on_commit(acesso.esquecer)


def quem_mudou(canal: CanalNfse) -> str:
    """The last change of the canal, in words."""
    return auditoria.quem_mudou(
        canal, acao="canal.alterar", nome="este canal", quando=canal.alterado_em, rotulos=ROTULOS
    )


def _aplicar(canal: CanalNfse, dados: DadosCanal) -> list[str]:
    """Put the new values in place; returns the names of the fields that changed."""
    mudados = []
    for campo in ("ativo", "usuario", "conta", "versao_emissao", *EXIGENCIAS):
        if getattr(canal, campo) != getattr(dados, campo):
            setattr(canal, campo, getattr(dados, campo))
            mudados.append(campo)
    if dados.client_id != canal.opcoes.get(CLIENT_ID, ""):
        canal.opcoes = {**canal.opcoes, CLIENT_ID: dados.client_id}
        mudados.append("opcoes")
    for campo in SEGREDOS:
        if valor := getattr(dados, campo):
            segredos.selar(canal, campo, valor)
            mudados.append(campo)
    if dados.certificado is not None and trocar_certificado(canal, dados.certificado):
        mudados.append("certificado")
    return mudados


def trocar_certificado(canal: CanalNfse, novo: CertificadoNovo | UUID) -> bool:
    """Put a new file, or a stored certificate, in place; False when it is the one the canal has. Raises CanalErro when
    it is not of the emitente."""
    if isinstance(novo, CertificadoNovo):
        conferir_titular(canal.empresa, novo.lido)
        canal.certificado = certificados.guardar(novo.conteudo, novo.senha, novo.lido, novo.pk)
        return True
    if novo == canal.certificado_id:
        return False
    guardado = certificados_da(canal.empresa).filter(pk=novo).first()
    if guardado is None:
        raise CanalErro("O certificado escolhido não está mais guardado, ou não é desta empresa.", "certificado")
    canal.certificado = guardado
    return True


def conferir_titular(empresa: Empresa, lido: CertificadoLido) -> None:
    """A certificate of the emitente, or of another establishment of its root. Raises CanalErro."""
    if lido.documento == empresa.documento or (empresa.eh_pj and lido.documento[:8] == empresa.raiz):
        return
    raise CanalErro(
        f"O certificado é de {mascarar(lido.documento)} ({lido.titular}), e o emitente é "
        f"{empresa.documento_mascarado}. Envie o certificado do emitente.",
        "arquivo",
    )


def certificados_da(empresa: Empresa):  # type: ignore[no-untyped-def]  # a QuerySet of CertificadoA1
    """Stored certificates, not expired, that an emitente may use."""
    validos = CertificadoA1.objects.filter(valido_ate__gt=timezone.now())
    if not empresa.eh_pj:
        return validos.filter(documento=empresa.documento)
    return validos.filter(documento__startswith=empresa.raiz, documento__regex=r"^.{14}$")


def _conferir_empresa(empresa: Empresa, tipo: TipoCanal) -> None:
    if tipo == TipoCanal.SISGENFE and not empresa.eh_pj:
        raise CanalErro("O SISGENF-e só atende prestador com CNPJ, e esta empresa tem CPF.", "empresa")
    if empresa.municipio_id is None:
        raise CanalErro(
            "A empresa está sem município no cadastro, e a nota precisa dele. Informe-o em Empresas e volte.", "empresa"
        )


# -- numbering ---------------------------------------------------------------------------------------------------------


def maior_usado(canal: CanalNfse, serie: str) -> int:
    """The highest number of this série that a note has or gave back, 0 for none."""
    das_notas = Nota.objects.filter(canal=canal, serie=serie).aggregate(maior=Max("numero"))["maior"] or 0
    devolvidos = NumeroLivre.objects.filter(canal=canal, serie=serie).aggregate(maior=Max("numero"))["maior"] or 0
    return max(das_notas, devolvidos)


@transaction.atomic
def numerar(
    *, usuario: Usuario, canal: CanalNfse, serie: str, proximo_numero: int, motivo: str, versao: str = ""
) -> CanalNfse:
    """Raise the next number, or begin another série. Audited with its reason.

    Raises CanalErro for a number that a note already has, or one below the next; CanalMudou as alterar().
    """
    atual = travar(canal, versao)
    antes = f"{atual.serie}/{atual.proximo_numero}"
    usado = maior_usado(atual, serie)
    if serie == atual.serie and proximo_numero < atual.proximo_numero:
        raise CanalErro(
            f"O próximo número é {atual.proximo_numero} e só pode aumentar: voltar repetiria números. "
            f"Informe {atual.proximo_numero} ou mais.",
            "proximo_numero",
        )
    if proximo_numero <= usado:
        raise CanalErro(
            f"A série {serie} já tem nota com o número {usado}. Informe {usado + 1} ou mais.", "proximo_numero"
        )
    if (serie, proximo_numero) == (atual.serie, atual.proximo_numero):
        raise CanalErro("Série e próximo número são os que já estão em uso. Nada foi gravado.", "proximo_numero")
    atual.serie, atual.proximo_numero = serie, proximo_numero
    atual.alterado_em = Now()
    atual.save(update_fields=["serie", "proximo_numero", "alterado_em"])
    atual.refresh_from_db(fields=["alterado_em"])
    auditoria.registrar(
        usuario=usuario,
        acao="canal.numerar",
        objeto=atual,
        resumo=f"Numeração do canal {atual.codigo}: de {antes} para {serie}/{proximo_numero}",
        dados={"de": antes, "para": f"{serie}/{proximo_numero}", "motivo": motivo},
    )
    return atual


# -- many at once ------------------------------------------------------------------------------------------------------


@transaction.atomic
def ativar(canais: CanalQuerySet, ativo: bool, usuario: Usuario) -> int:
    """Switch canais on or off, only those that need it; returns how many changed."""
    mudam = list(
        CanalNfse.objects.select_for_update()
        .filter(pk__in=canais.order_by().values("pk"))
        .exclude(ativo=ativo)
        .order_by("codigo")
    )
    if not mudam:
        return 0
    CanalNfse.objects.filter(pk__in=[canal.pk for canal in mudam]).update(ativo=ativo, alterado_em=Now())
    auditoria.registrar(
        usuario=usuario,
        acao="canais.ativar" if ativo else "canais.inativar",
        resumo=f"{len(mudam)} cana{'is' if len(mudam) > 1 else 'l'} {'ativado' if ativo else 'inativado'}"
        f"{'s' if len(mudam) > 1 else ''}",
        dados={"canais": [canal.codigo for canal in mudam]},
    )
    if ativo:
        for nome in Pausa.objects.filter(acesso__in=[canal.acesso for canal in mudam]).values_list("acesso", flat=True):
            motor.retomar(nome, usuario)
    return len(mudam)


# -- what a screen may show --------------------------------------------------------------------------------------------


def situacao_do_certificado(canal: CanalNfse) -> tuple[str, str]:
    """(tone, words) of the canal's certificate, for a chip; empty words where it has none and needs none."""
    certificado = canal.certificado
    if certificado is None:
        return ("erro", "Sem certificado") if canal.tipo == TipoCanal.NACIONAL else ("neutro", "")
    ate = format_data(timezone.localtime(certificado.valido_ate))
    if certificado.vencido:
        return "erro", f"Certificado venceu em {ate}"
    if certificado.dias_para_vencer <= 30:
        dias = certificado.dias_para_vencer
        return "atencao", f"Certificado vence em {dias} dia{'s' if dias != 1 else ''}"
    return "ok", f"Certificado até {ate}"


def alterado_depois_do_teste(canal: CanalNfse) -> bool:
    testado: datetime | None = canal.testado_em
    return testado is not None and canal.alterado_em > testado


def faltas_na_nota(canal: CanalNfse, regime: str) -> list[str]:
    """What every national note of an empresa of this `regime` needs of its canal and would be refused without, in
    pt-BR."""
    if canal.tipo != TipoCanal.NACIONAL or regime == Regime.MEI:
        return []
    do_simples = regime == Regime.SIMPLES
    tem_carga = None not in (canal.carga_federal, canal.carga_estadual, canal.carga_municipal)
    faltas = []
    if do_simples and not canal.regime_apuracao:
        faltas.append("Falta dizer como a empresa apura os tributos no Simples.")
    if not tem_carga and not (do_simples and canal.total_simples is not None):
        faltas.append(
            "Faltam os tributos aproximados (Lei 12.741/2012): a alíquota do Simples ou os três percentuais."
            if do_simples
            else "Faltam os tributos aproximados (Lei 12.741/2012): os três percentuais."
        )
    return faltas
