"""The administration of an emitente at Integra Notas: each effect outside becomes one Operacao.

A pedido names rows and carries what was approved; secrets stay sealed in the canal, and the handler opens them when the
call is made (nfse/handlers/administracao.py).
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from comum import auditoria
from comum.documentos import mascarar
from comum.formatos import contar
from comum.models import Usuario
from nfse.models import CanalNfse, Nota
from nfse.services import acesso
from operacoes import motor
from operacoes.handlers import handler_de
from operacoes.models import ABERTAS, ENCERRADAS, Operacao
from operacoes.motor import NovaOperacao

CRIAR = "nfse.integranotas.emitente_criar"
ALTERAR = "nfse.integranotas.emitente_alterar"
REMOVER = "nfse.integranotas.emitente_remover"
CERTIFICADO = "nfse.integranotas.certificado_enviar"
TOKEN = "nfse.integranotas.token_trocar"  # noqa: S105 - the name of an effect
WEBHOOK = "nfse.integranotas.webhook_registrar"
CONFLITO = "nfse.integranotas.conflito_acertar"
TIPOS = (CRIAR, ALTERAR, REMOVER, CERTIFICADO, TOKEN, WEBHOOK, CONFLITO)

# Notes that the service may be asked about for as long as it has the emitente.
_COM_XML = (
    Nota.Situacao.AUTORIZADA,
    Nota.Situacao.CANCELANDO,
    Nota.Situacao.CANCELADA,
    Nota.Situacao.SUBSTITUIDA,
)


class AdministracaoErro(Exception):
    """Not possible now; the text is pt-BR for the screen, with what to do. `campo` is the form field, or empty."""

    def __init__(self, mensagem: str, campo: str = "") -> None:
        super().__init__(mensagem)
        self.campo = campo


def criar_emitente(*, canal: CanalNfse, cadastro: Mapping[str, Any], prefeitura: bool, usuario: Usuario) -> Operacao:
    """Register the empresa of the canal as an emitente of its software-house account; the token that comes back is
    sealed into the canal, which becomes active."""
    if canal.conta is None:
        raise AdministracaoErro("O canal está sem conta de software house. Escolha-a em Alterar.")
    if impedimento := acesso.impedimento_da_conta(canal.conta):
        raise AdministracaoErro(impedimento)
    if canal.token:
        raise AdministracaoErro(
            f"O canal {canal.codigo} já tem token: o emitente existe. Para trocar o token, use a aba Token do canal."
        )
    return _pedir(CRIAR, canal, canal.conta.acesso, usuario, {"cadastro": dict(cadastro), "prefeitura": prefeitura})


def alterar_emitente(
    *, canal: CanalNfse, cadastro: Mapping[str, Any], prefeitura: bool, pela_conta: bool, usuario: Usuario
) -> Operacao:
    """Change the fields given of the emitente's record, with its own token or with the software house's."""
    if not cadastro and not prefeitura:
        raise AdministracaoErro("Nada a alterar: todos os campos estão em branco.")
    if pela_conta and canal.conta is None:
        raise AdministracaoErro("O canal está sem conta de software house. Escolha-a em Alterar.", "pela_conta")
    por = canal.conta.acesso if pela_conta and canal.conta else canal.acesso
    return _pedir(ALTERAR, canal, por, usuario, {"cadastro": dict(cadastro), "prefeitura": prefeitura})


def remover_emitente(*, canal: CanalNfse, usuario: Usuario) -> Operacao:
    """Remove the emitente: refused while a note of it has no XML here, or something of it is in course, because 30 days
    later nothing of it is left there."""
    if canal.conta is None:
        raise AdministracaoErro("O canal está sem conta de software house: só ela remove o emitente.")
    if impedimento := impedimento_da_remocao(canal):
        raise AdministracaoErro(impedimento)
    return _pedir(REMOVER, canal, canal.conta.acesso, usuario, {})


def impedimento_da_remocao(canal: CanalNfse) -> str:
    """Why the emitente of this canal cannot be removed yet, in pt-BR; empty when it can."""
    sem_xml = Nota.objects.filter(canal=canal, situacao__in=_COM_XML, xml=None).count()
    if sem_xml:
        notas = contar(sem_xml, "nota está", "notas estão")
        return (
            f"{notas} sem o XML guardado no Guichê, e 30 dias depois da remoção o Integra Notas apaga tudo. Busque os "
            "XML que faltam antes de remover."
        )
    abertas = Operacao.objects.filter(acesso=canal.acesso, situacao__in=ABERTAS).count()
    if abertas:
        return (
            f"{contar(abertas, 'operação está', 'operações estão')} em andamento neste canal. Espere que terminem, ou "
            "tire-as da fila, antes de remover."
        )
    return ""


def enviar_certificado(*, canal: CanalNfse, certificado: UUID, usuario: Usuario) -> Operacao:
    """Send a stored A1 to the service, which uses it to talk to the town hall."""
    return _pedir(CERTIFICADO, canal, canal.acesso, usuario, {"certificado": str(certificado)})


def trocar_token(*, canal: CanalNfse, usuario: Usuario) -> Operacao:
    """Replace the emitente's token; the old one dies at once. Never made again by itself."""
    if not canal.token:
        raise AdministracaoErro("O canal está sem token: não há o que trocar. Informe o token em Alterar.")
    return _pedir(TOKEN, canal, canal.acesso, usuario, {})


def registrar_webhook(*, canal: CanalNfse, url: str, usuario: Usuario) -> Operacao:
    """Tell the service where to send its avisos about this emitente."""
    if canal.conta is None:
        raise AdministracaoErro(
            "O canal está sem conta de software house: é com o token dela que se confere a assinatura dos avisos. "
            "Escolha-a em Alterar."
        )
    return _pedir(WEBHOOK, canal, canal.acesso, usuario, {"webhook": url})


def acertar_conflito(*, canal: CanalNfse, nota: Nota, xml: UUID, usuario: Usuario) -> Operacao:
    """Give the service the XML that the town hall has of a note, so that both tell the same. `xml` is a Documento."""
    if not nota.chave:
        raise AdministracaoErro("A nota ainda não tem chave no Integra Notas. Releia a nota antes.", "nota")
    return _pedir(CONFLITO, canal, canal.acesso, usuario, {"nota": nota.pk, "chave": nota.chave, "xml": str(xml)})


@transaction.atomic
def _pedir(tipo: str, canal: CanalNfse, por: str, usuario: Usuario, pedido: dict[str, Any]) -> Operacao:
    """One at a time of each kind for each canal: asked twice it is one row, asked otherwise meanwhile it is refused."""
    CanalNfse.objects.select_for_update(no_key=True).get(pk=canal.pk)
    prefixo = f"{tipo}:{canal.codigo}:"
    feitas = Operacao.objects.filter(
        empresa=canal.empresa_id, tipo=tipo, situacao__in=ENCERRADAS, chave__startswith=prefixo
    )
    nova = NovaOperacao(
        tipo=tipo,
        chave=f"{prefixo}{feitas.count() + 1}",
        pedido={"canal": str(canal.pk), "documento": canal.empresa.documento, **pedido},
        acesso=por,
        empresa_id=canal.empresa_id,
    )
    submetidas = motor.submeter([nova], usuario=usuario)
    if submetidas.criadas:
        auditoria.registrar(
            usuario=usuario,
            acao=f"canal.{tipo.rsplit('.', 1)[1]}",
            objeto=canal,
            resumo=f"Pedido ao Integra Notas pelo canal {canal.codigo}, {mascarar(canal.empresa.documento)}: "
            f"{handler_de(tipo).rotulo}",
            dados={"operacao": submetidas.criadas[0].pk},
        )
        return submetidas.criadas[0]
    existente = submetidas.existentes[0]
    if existente.pedido != nova.pedido:
        raise AdministracaoErro(
            f"Já há um pedido destes em andamento, com outros dados: a operação {existente.pk}. Espere que termine e "
            "peça de novo."
        )
    return existente
