"""The office's own accounts at Integra Notas, and what `/soft` tells of their emitentes."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from comum import auditoria, segredos
from comum.documentos import mascarar
from comum.models import Usuario
from empresas.models import Empresa
from nfse.models import CanalNfse, ContaSofthouse, TipoCanal
from nfse.providers.integranotas.cadastro import EmitenteNoServico
from nfse.services import acesso, canais
from nfse.services.limites import limites_softhouse
from operacoes import avulsas, motor
from operacoes.http import Chamadas

PRAZO = 45.0  # seconds: on /soft a call may wait 13 s for its turn, and a page makes two
ROTULOS = {"nome": "nome", "token": "token", "ativa": "ativa"}


@dataclass(frozen=True, repr=False)
class DadosConta:
    """What the form of an account brings. Empty token: keep what is stored."""

    nome: str
    ativa: bool
    token: str = ""


class ContaErro(Exception):
    """Not possible; the text is pt-BR for the screen. `campo` is the form field it belongs to, or empty."""

    def __init__(self, mensagem: str, campo: str = "") -> None:
        super().__init__(mensagem)
        self.campo = campo


@transaction.atomic
def salvar(
    *, usuario: Usuario, dados: DadosConta, conta: ContaSofthouse | None = None, versao: str = ""
) -> ContaSofthouse:
    """Create, or alter the version that was read. Lifts the pause of its access, if there is one. Raises ContaErro."""
    atual = _atual(conta, versao)
    mudados = [campo for campo in ("nome", "ativa") if conta is None or getattr(atual, campo) != getattr(dados, campo)]
    atual.nome, atual.ativa = dados.nome, dados.ativa
    if dados.token:
        segredos.selar(atual, "token", dados.token)
        mudados.append("token")
    if not mudados:
        return atual
    atual.alterada_em = Now()
    try:
        with transaction.atomic():
            atual.save(force_insert=conta is None)
    except IntegrityError as erro:
        raise ContaErro(f"Já há uma conta com o nome {dados.nome}.", "nome") from erro
    atual.refresh_from_db()
    auditoria.registrar(
        usuario=usuario,
        acao=f"softhouse.{'incluir' if conta is None else 'alterar'}",
        objeto=atual,
        resumo=f"Conta de software house {atual}: {', '.join(ROTULOS[campo] for campo in mudados)}",
        dados={"campos": mudados},
    )
    if atual.ativa and conta is not None:
        motor.retomar(atual.acesso, usuario)
    return atual


def _atual(conta: ContaSofthouse | None, versao: str) -> ContaSofthouse:
    if conta is None:
        return ContaSofthouse(id=uuid4())
    atual = ContaSofthouse.objects.select_for_update().get(pk=conta.pk)
    if versao and acesso.versao_de(atual) != versao:
        mudou = auditoria.quem_mudou(
            atual, acao="softhouse.alterar", nome="esta conta", quando=atual.alterada_em, rotulos=ROTULOS
        )
        raise ContaErro(
            f"{mudou}, depois que você a abriu. O que você digitou continua aqui: confira e grave de novo para valer o "
            "seu."
        )
    return atual


# -- emitentes --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class EmitenteVisto:
    """An emitente of the account as the service lists it, with the empresa and canal that we have of it."""

    documento: str
    nome: str
    removido: bool
    empresa: Empresa | None
    canal: CanalNfse | None

    @property
    def documento_mascarado(self) -> str:
        return mascarar(self.documento) if self.documento else ""


def emitentes(conta: ContaSofthouse, usuario: Usuario) -> list[EmitenteVisto]:
    """The account's emitentes, active and removed: two readings. Proves the access, and lifts its pause. Raises the
    error family."""
    cliente = acesso.abrir_softhouse(conta)

    def ler(chamadas: Chamadas) -> tuple[Sequence[EmitenteNoServico], Sequence[EmitenteNoServico]]:
        return cliente.ativos(chamadas=chamadas), cliente.removidos(chamadas=chamadas)

    ativos, removidos = avulsas.ler(ler, limites_softhouse(conta.acesso), prazo=PRAZO)
    motor.retomar(conta.acesso, usuario)
    documentos = {emitente.documento for emitente in (*ativos, *removidos)}
    empresas = {e.documento: e for e in Empresa.objects.filter(documento__in=documentos)}
    seus = CanalNfse.objects.filter(tipo=TipoCanal.INTEGRANOTAS, empresa__in=empresas.values())
    canais_por_empresa = {canal.empresa_id: canal for canal in seus.select_related("empresa")}
    return [
        _visto(emitente, removido, empresas, canais_por_empresa)
        for removido, lidos in ((False, ativos), (True, removidos))
        for emitente in lidos
    ]


def _visto(
    emitente: EmitenteNoServico, removido: bool, empresas: dict[str, Empresa], por_empresa: dict[int, CanalNfse]
) -> EmitenteVisto:
    empresa = empresas.get(emitente.documento)
    canal = por_empresa.get(empresa.pk) if empresa else None
    return EmitenteVisto(emitente.documento, emitente.razao or emitente.nome, removido, empresa, canal)


def mostrar(canal: CanalNfse, chamadas: Chamadas) -> EmitenteNoServico | None:
    assert canal.conta is not None  # noqa: S101 - the caller has looked
    return acesso.abrir_softhouse(canal.conta).mostrar(canal.empresa.documento, chamadas=chamadas)


def recuperar_token(*, canal: CanalNfse, usuario: Usuario) -> str:
    """Ask the software house for the emitente's token and seal it into the canal: how a lost answer to a rotation is
    mended. Returns what came of it, in pt-BR. Raises ContaErro without an account, and the error family."""
    if canal.conta is None:
        raise ContaErro("O canal está sem conta de software house. Escolha-a em Alterar.")
    achado = avulsas.ler(lambda chamadas: mostrar(canal, chamadas), limites_softhouse(canal.conta.acesso), prazo=PRAZO)
    if achado is None:
        raise ContaErro("A software house não tem emitente ativo com este CNPJ ou CPF. Crie-o, ou confira a conta.")
    if not achado.token:
        raise ContaErro(
            "O Integra Notas mostra o emitente sem o token. Copie o token do console e informe-o em Alterar, no canal."
        )
    with transaction.atomic():
        atual = canais.travar(canal)
        canais.guardar_token(atual, achado.token, usuario)
    return "O token em vigor veio da software house e está guardado no canal. Agora teste a conexão."


@transaction.atomic
def canal_para(
    *, conta: ContaSofthouse, empresa: Empresa, serie: str, proximo_numero: int, usuario: Usuario
) -> CanalNfse:
    """The canal that will hold the token of an emitente about to be created: the empresa's own, without token, or a new
    one, inactive until the token comes. Raises canais.CanalErro."""
    existente = CanalNfse.objects.filter(empresa=empresa, tipo=TipoCanal.INTEGRANOTAS).first()
    if existente is None:
        dados = canais.DadosCanal(ativo=False, conta=conta, serie=serie, proximo_numero=proximo_numero)
        return canais.criar(usuario=usuario, empresa=empresa, tipo=TipoCanal.INTEGRANOTAS, dados=dados)
    atual = canais.travar(existente)
    if atual.token:
        raise canais.CanalErro(
            f"A empresa já tem o canal {atual.codigo} com token: o emitente existe. Use a aba Emitente do canal.",
            "empresa",
        )
    if atual.conta_id != conta.pk:
        atual.conta = conta
        canais.gravar(usuario, atual, ["conta"])
    return atual
