"""The effects on SISGENF-e: no idempotency key, so our marker in the text of a note settles a doubt."""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.conf import settings

from nfse import ensaio
from nfse.handlers.base import CancelamentoHandler, CorrecaoHandler, EmissaoHandler, LeituraHandler, Resposta
from nfse.models import CanalNfse, TipoCanal
from nfse.providers.interface import Estado, NotaNoServico, Referencia
from nfse.providers.sisgenfe import CANCELAMENTO_JA_PEDIDO, Sisgenfe
from nfse.services import referencias
from nfse.services.acesso import abrir_sisgenfe, canal_de
from nfse.services.limites import limites_sisgenfe
from nfse.services.pedidos import Pedido, emissao_do_pedido, referencia_do_pedido
from operacoes.ensaio import NoLivro, NoSandbox, Palco, PelaTela
from operacoes.errors import ProviderRefused
from operacoes.handlers import Aconteceu, Conferencia, Limite, NaoAconteceu, NaoSei, registrar
from operacoes.http import Chamadas
from operacoes.models import Operacao
from operacoes.motor import NovaOperacao
from operacoes.ritmo import no_ritmo

_LEITURA = no_ritmo(timedelta(seconds=90))  # log-in, tomador and note: the service's own time is not published
_ONDE = (
    "No portal da NFS-e do município (SISGENF-e), com o usuário do prestador, Notas emitidas: uma nota para este "
    "tomador com este valor, no dia e na hora do envio ou depois, e com a marca do Guichê no começo das observações."
)


@dataclass(frozen=True)
class Sessao:
    cliente: Sisgenfe
    canal: CanalNfse
    marca: str


class _Sisgenfe:
    """Whose service, in which limits. Mixed into each kind."""

    servico = "sisgenfe"
    nome_do_servico = "SISGENF-e"
    prazo_total = _LEITURA
    demora_maxima = timedelta(minutes=settings.SISGENFE_DEMORA_MAXIMA_MINUTOS)
    no_sandbox = NoSandbox(
        lambda pedido: {"documento": f"{_marca(pedido)}*"},
        entradas=frozenset({"login"}),
        perto=ensaio.perto_do_sisgenfe,
    )

    def limites(self, acesso: str) -> tuple[Limite, ...]:
        return limites_sisgenfe(acesso)

    def preparar(self, operacao: Operacao) -> Sessao:
        canal = canal_de(operacao.acesso)
        cliente = copy(abrir_sisgenfe(canal))  # the client is shared, what it learns in this try is not
        cliente.referencias = referencias.carregar(canal)
        return Sessao(cliente, canal, _marca(operacao.pedido))


def _marca(pedido: Mapping[str, Any]) -> str:
    return str((pedido.get("emissao") or pedido.get("referencia") or {}).get("marca", ""))


def _resposta(nota: NotaNoServico, sessao: Sessao) -> Resposta:
    tomador = sessao.cliente.tomador
    return Resposta(nota, tuple(sessao.cliente.referencias.novas), tomador.bruto if tomador else None)


@registrar
class Emitir(_Sisgenfe, EmissaoHandler):
    """Register the tomador, then issue: the number comes from the town hall."""

    tipo, rotulo = "nfse.sisgenfe.emitir", "Emitir NFS-e"
    efeito_no_livro = "nota_emitida"
    prova = (
        "Entre as notas do prestador, uma com a marca desta nota no começo das observações; o número dela é a prova."
    )
    onde_conferir = _ONDE
    arquivo_da_prova = "NFS-e (PDF)"

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Resposta:
        return _resposta(sessao.cliente.emitir(emissao_do_pedido(pedido["emissao"]), chamadas=chamadas), sessao)

    def conferir(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Conferencia:
        emissao = pedido["emissao"]
        busca = sessao.cliente.procurar(emissao["marca"], emissao["desde_numero"], chamadas=chamadas)
        if len(busca.notas) > 1:
            numeros = ", ".join(nota.numero for nota in busca.notas)
            return NaoSei(
                timedelta.max, f"O SISGENF-e tem mais de uma nota com a marca desta ({numeros}): cancele a que sobra."
            )
        if busca.notas:
            return Aconteceu(_resposta(busca.notas[0], sessao))
        if not busca.completa:
            return NaoSei(no_ritmo(timedelta(minutes=1)), "O SISGENF-e não mostrou a lista de notas até o fim.")
        return NaoAconteceu("Nenhuma nota do prestador tem a marca desta.")

    def aplicar(self, operacao: Operacao, resposta: Resposta) -> dict[str, Any]:
        _aprender(operacao, resposta)
        return super().aplicar(operacao, resposta)

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.emissoes(palco, TipoCanal.SISGENFE, quantas)

    def no_livro(self, operacao: Operacao) -> NoLivro | None:
        return ensaio.no_livro(operacao, self.efeito_no_livro, tambem=("tomador_gravado",))

    def pela_tela(self, novas: Sequence[NovaOperacao]) -> Sequence[PelaTela]:
        return ensaio.pela_tela(novas)


def _aprender(operacao: Operacao, resposta: Resposta) -> None:
    if resposta.aprendidas:
        referencias.guardar(canal_de(operacao.acesso), resposta.aprendidas)


@registrar
class Corrigir(_Sisgenfe, CorrecaoHandler):
    """Append a correction letter: each sending appends one, and nothing of the service shows them."""

    tipo, rotulo = "nfse.sisgenfe.corrigir", "Corrigir NFS-e"
    efeito_no_livro = "carta_correcao"
    prova = ""
    onde_conferir = (
        "No portal da NFS-e do município (SISGENF-e), abra a nota: as cartas de correção aparecem no fim dela. Veja se "
        "a última é esta."
    )

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Resposta:
        referencia = referencia_do_pedido(pedido["referencia"])
        return _resposta(sessao.cliente.corrigir(referencia, pedido["texto"], chamadas=chamadas), sessao)

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.correcoes(palco, quantas)

    def no_livro(self, operacao: Operacao) -> NoLivro | None:
        return ensaio.no_livro(operacao, self.efeito_no_livro)


@registrar
class Cancelar(_Sisgenfe, CancelamentoHandler):
    """Ask the town hall for the cancellation. The service takes one request for each note, so that the identical
    repeat answers a doubt."""

    tipo, rotulo = "nfse.sisgenfe.cancelar", "Cancelar NFS-e"
    efeito_no_livro = "cancelamento_solicitado"
    prova = "O serviço aceita um só pedido por nota: repetido, diz que já o tem."
    onde_conferir = (
        "No portal da NFS-e do município (SISGENF-e), abra a nota: a situação mostra o cancelamento pedido ou feito."
    )

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Resposta:
        referencia = referencia_do_pedido(pedido["referencia"])
        try:
            nota = sessao.cliente.cancelar(referencia, pedido["codigo"], pedido["motivo"], chamadas=chamadas)
        except ProviderRefused as recusa:
            if recusa.codigo != CANCELAMENTO_JA_PEDIDO:
                raise
            nota = NotaNoServico(Estado.PROCESSANDO, numero=referencia.numero, mensagem=recusa.texto)
        return _resposta(nota, sessao)

    def conferir(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Conferencia:
        try:
            return Aconteceu(self.enviar(pedido, sessao, chamadas))
        except ProviderRefused as recusa:
            return NaoSei(
                timedelta.max, f"O SISGENF-e recusou a repetição do pedido, o que não prova o primeiro: {recusa.texto}"
            )

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.cancelamentos(palco, TipoCanal.SISGENFE, quantas)

    def no_livro(self, operacao: Operacao) -> NoLivro | None:
        return ensaio.no_livro(operacao, self.efeito_no_livro)


@registrar
class Reler(_Sisgenfe, LeituraHandler):
    """Read the note as the service has it. It tells nothing of a cancellation that was asked for."""

    tipo, rotulo = "nfse.sisgenfe.reler", "Reler NFS-e"

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Resposta:
        referencia: Referencia = referencia_do_pedido(pedido["referencia"])
        nota = sessao.cliente.consultar(referencia, chamadas=chamadas)
        if nota is None:
            raise ProviderRefused(
                f"O SISGENF-e não mostra a nota {referencia.numero or referencia.chave} deste prestador.",
                codigo="NOTA-AUSENTE",
            )
        # No field for it is documented; one that says so plainly is believed.
        return _resposta(
            replace(nota, estado=Estado.CANCELADA) if nota.bruto.get("cancelada") is True else nota, sessao
        )

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.leituras(palco, TipoCanal.SISGENFE, "reler", quantas)
