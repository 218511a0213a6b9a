"""The effects on the national NFS-e: the Id of the DPS (município, CNPJ, série and number) names a note before it is
issued, and the service takes it once. So a doubt is settled by asking for it, and a repeat sends the same signed bytes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.urls import reverse

from nfse import ensaio
from nfse.handlers.base import CancelamentoHandler, EmissaoHandler, LeituraHandler, Resposta, chave_de, so_perguntando
from nfse.models import CanalNfse, TipoCanal
from nfse.providers.interface import Estado, NotaNoServico
from nfse.providers.nacional.cliente import Nacional
from nfse.providers.nacional.danfse import Marca
from nfse.providers.nacional.eventos import FINAIS, PedidoDeEvento, TipoEvento
from nfse.providers.nacional.identificadores import id_dps
from nfse.providers.nacional.leitura import EventoLido, Nfse, ler_evento
from nfse.providers.nacional.pacote import DocumentoInvalido
from nfse.providers.nacional.transporte import JaExiste
from nfse.services import acesso, acoes, emissores, nacional, registro
from nfse.services.limites import limites_nacional
from nfse.services.pedidos import Pedido
from nfse.services.registro import NUMERO_JA_USADO
from operacoes.ensaio import NoLivro, NoSandbox, Palco, PelaTela
from operacoes.errors import ProviderRefused
from operacoes.handlers import Aconteceu, Conferencia, Limite, NaoAconteceu, NaoSei, ProximaAcao, registrar
from operacoes.http import Chamadas
from operacoes.models import Operacao
from operacoes.motor import NovaOperacao
from operacoes.ritmo import no_ritmo

_PORTAL = "No portal nacional da NFS-e (nfse.gov.br/EmissorNacional), com o certificado da empresa, Notas emitidas"
_JA_ENCERRADA = "E0840"


@dataclass(frozen=True)
class Sessao:
    """The clients; of a sending, the signed bytes and their Id; the note's chave and its own XML, where it has them; of
    a reading of the ADN the NSU to ask from."""

    cliente: Nacional
    identificador: str = ""
    xml: bytes = b""
    chave: str = ""
    da_nota: bytes = b""
    nsu: int = 0


@dataclass(frozen=True)
class ComEventos(Resposta):
    """`eventos` are those of the note that did not end it."""

    eventos: tuple[EventoLido, ...] = ()


@dataclass(frozen=True)
class Relida(ComEventos):
    """`negada` is what the município answered, and when, to a request of analysis that it did not grant."""

    negada: str = ""
    negada_em: datetime | None = None


@dataclass(frozen=True)
class Substituta(Resposta):
    """`da_antiga` is the DANFSe of the replaced note, with its mark."""

    da_antiga: bytes = b""


class NacionalMixin:
    """Whose service, in which limits. Mixed into each kind."""

    servico = "nacional"
    nome_do_servico = "NFS-e Nacional"
    prazo_total: ClassVar[timedelta] = no_ritmo(timedelta(seconds=90))
    demora_maxima = timedelta(minutes=settings.NFSE_NACIONAL_DEMORA_MAXIMA_MINUTOS)
    no_sandbox: ClassVar[NoSandbox] = NoSandbox(ensaio.alvo_no_nacional)

    def limites(self, acesso: str) -> tuple[Limite, ...]:
        return limites_nacional(acesso)

    def preparar(self, operacao: Operacao) -> Sessao:
        onde = emissores.endereco_da_nota(operacao.pedido["nota"])
        aberto = acesso.abrir_nacional(acesso.canal_de(operacao.acesso), onde)
        return Sessao(aberto.cliente, chave=chave_de(operacao.pedido))


def _resposta(nota: Nfse) -> Resposta:
    return Resposta(replace(nota.no_servico(), pdf=nacional.desenhado(nota.xml)))


class _Emissao(NacionalMixin, EmissaoHandler):
    """Issuing and replacing differ in one group of the DPS."""

    efeito_no_livro = "nfse_autorizada"
    prova = "A consulta pelo identificador da DPS (município, CNPJ, série e número) dá a chave da nota."
    onde_conferir = f"{_PORTAL}: a nota com a série e o número da DPS mostrados aqui."

    def preparar(self, operacao: Operacao) -> Sessao:
        canal = acesso.canal_de(operacao.acesso)
        onde = self.endereco(operacao, canal)
        assinante = acesso.abrir_nacional(canal, onde).assinante
        assinante.conferir(canal.empresa.documento)
        feito = nacional.dps_assinada(operacao, assinante, onde)
        # A repeat and a doubt go where the first try went, whatever the address is now.
        cliente = acesso.abrir_nacional(canal, feito.endereco).cliente
        return Sessao(cliente, feito.identificador, bytes(feito.xml))

    def endereco(self, operacao: Operacao, canal: CanalNfse) -> str:
        """Where a new document goes."""
        return emissores.endereco_de(canal.empresa.municipio_id or "")

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Any:
        try:
            emitida = sessao.cliente.sefin.emitir(sessao.xml, sessao.identificador, chamadas=chamadas)
        except JaExiste as existe:
            achada = _da_dps(sessao, chamadas)
            if achada is None:
                raise
            if _e_esta(achada, pedido):
                return self.responder(achada, sessao)
            emissao = pedido["emissao"]
            raise ProviderRefused(
                f"O número {emissao['serie']}/{emissao['numero']} já foi usado por outra nota na NFS-e Nacional. Emita "
                "de novo, e esta leva o próximo; se outro sistema usou muitos, acerte o próximo número em Canais.",
                codigo=NUMERO_JA_USADO,
                texto=f"chave {achada.chave}",
            ) from existe
        return self.responder(emitida.nota, sessao)

    def responder(self, nota: Nfse, sessao: Sessao) -> Resposta:
        return _resposta(nota)

    def conferir(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Conferencia:
        with so_perguntando():
            if not sessao.cliente.sefin.existe_dps(sessao.identificador, chamadas=chamadas):
                return NaoAconteceu("A NFS-e Nacional não tem nota desta DPS.")
            achada = _da_dps(sessao, chamadas)
        if achada is None:
            return NaoSei(no_ritmo(timedelta(minutes=1)), "A NFS-e Nacional diz que tem a nota, e ainda não a mostra.")
        if not _e_esta(achada, pedido):
            return NaoAconteceu("A série e o número são de outra nota, que não é esta.")
        return Aconteceu(self.responder(achada, sessao))

    def pela_tela(self, novas: Sequence[NovaOperacao]) -> Sequence[PelaTela]:
        return ensaio.pela_tela(novas)


def _da_dps(sessao: Sessao, chamadas: Chamadas) -> Nfse | None:
    """The note issued of the DPS of this Operacao, or of another with its série and number."""
    chave = sessao.cliente.sefin.chave_da_dps(sessao.identificador, chamadas=chamadas)
    return sessao.cliente.sefin.consultar(chave, chamadas=chamadas) if chave else None


def _e_esta(nota: Nfse, pedido: Pedido) -> bool:
    """The instant of the emission, the amount and the tomador are those of the DPS that we sent."""
    emissao = nacional.dps_do_pedido(pedido)
    return (
        nota.emissao == datetime.fromisoformat(pedido["emissao"]["emissao"])
        and nota.valor == emissao.valor
        and nota.tomador == emissao.emissao.tomador.documento
    )


@registrar
class Emitir(_Emissao):
    """Send the signed DPS; the number of the note comes from the Sefin."""

    tipo, rotulo = "nfse.nacional.emitir", "Emitir NFS-e"

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.emissoes(palco, TipoCanal.NACIONAL, quantas)

    def no_livro(self, operacao: Operacao) -> NoLivro | None:
        return ensaio.no_livro(operacao, self.efeito_no_livro)


@registrar
class Substituir(_Emissao):
    """A DPS with the group `subst`: the Sefin ends the old note by itself, in the same call."""

    tipo, rotulo = "nfse.nacional.substituir", "Substituir NFS-e"

    def endereco(self, operacao: Operacao, canal: CanalNfse) -> str:
        """To whoever has the old one: it is ended in the same call."""
        return emissores.endereco_da_nota(operacao.pedido["substituida"])

    def preparar(self, operacao: Operacao) -> Sessao:
        return replace(super().preparar(operacao), da_nota=nacional.xml_da_nota(operacao.pedido["substituida"]))

    def responder(self, nota: Nfse, sessao: Sessao) -> Resposta:
        return Substituta(_resposta(nota).nota, da_antiga=nacional.desenhado(sessao.da_nota, Marca.SUBSTITUIDA))

    def aplicar(self, operacao: Operacao, resposta: Resposta) -> dict[str, Any]:
        resumo = super().aplicar(operacao, resposta)
        if isinstance(resposta, Substituta):
            fim = NotaNoServico(Estado.CANCELADA, pdf=resposta.da_antiga)
            antiga = registro.travada(operacao.pedido["substituida"])
            registro.guardar_arquivos(antiga, fim, registro.DO_CANCELAMENTO)
        return resumo

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.substituicoes(palco, TipoCanal.NACIONAL, quantas)

    def no_livro(self, operacao: Operacao) -> NoLivro | None:
        return ensaio.no_livro(operacao, self.efeito_no_livro, tambem=("nfse_cancelada", "evento_registrado"))


class _Evento(NacionalMixin, CancelamentoHandler):
    """A request of event about a note of ours."""

    evento: ClassVar[TipoEvento]
    tambem_no_livro: ClassVar[tuple[str, ...]] = ()
    prova = "A consulta do evento da nota."
    onde_conferir = f"{_PORTAL}, abra a nota: os eventos dela."

    def preparar(self, operacao: Operacao) -> Sessao:
        pedido, canal = operacao.pedido, acesso.canal_de(operacao.acesso)
        onde = emissores.endereco_da_nota(pedido["nota"])
        aberto = acesso.abrir_nacional(canal, onde)
        aberto.assinante.conferir(canal.empresa.documento)
        chave = chave_de(pedido)
        evento = PedidoDeEvento(
            tipo=self.evento,
            producao=acesso.em_producao(),
            autor=canal.empresa.documento,
            chave=chave,
            codigo=pedido["codigo"],
            motivo=pedido["motivo"],
            instante=operacao.criada_em - nacional.FOLGA,
        )
        feito = nacional.evento_assinado(operacao, evento, aberto.assinante, onde)
        return Sessao(
            aberto.cliente, feito.identificador, bytes(feito.xml), chave, nacional.xml_da_nota(pedido["nota"])
        )

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Resposta:
        try:
            registrado = sessao.cliente.sefin.registrar_evento(sessao.chave, self.evento, sessao.xml, chamadas=chamadas)
        except ProviderRefused as recusa:
            if recusa.codigo != _JA_ENCERRADA:
                raise
            fim = next(_finais(sessao, chamadas), None)  # another system, or a person on the portal, ended it
            if fim is None:
                raise
            return _do_fim(fim, sessao.da_nota)
        return self._registrado(registrado, sessao)

    def conferir(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Conferencia:
        with so_perguntando():
            registrado = sessao.cliente.sefin.evento(sessao.chave, self.evento, chamadas=chamadas)
        if registrado is None:
            return NaoAconteceu("A nota não tem este evento.")
        return Aconteceu(self._registrado(registrado, sessao))

    def _registrado(self, registrado: EventoLido, sessao: Sessao) -> Resposta:
        raise NotImplementedError

    def no_livro(self, operacao: Operacao) -> NoLivro | None:
        return ensaio.no_livro(operacao, self.efeito_no_livro, tambem=self.tambem_no_livro)


@registrar
class Cancelar(_Evento):
    """The event 101101, which ends the note at once. After the time limit of the município, or above its amount, the
    Sefin refuses it (E0822, E0823), and the next request is one of fiscal analysis."""

    tipo, rotulo = "nfse.nacional.cancelar", "Cancelar NFS-e"
    evento = TipoEvento.CANCELAMENTO
    efeito_no_livro = "nfse_cancelada"
    tambem_no_livro = ("evento_registrado",)

    def _registrado(self, registrado: EventoLido, sessao: Sessao) -> Resposta:
        return _do_fim(registrado, sessao.da_nota)

    def repetivel(self, grupo: str) -> bool:
        return grupo not in acoes.SO_COM_ANALISE

    def proxima_acao(self, grupo: str, operacoes_url: str) -> ProximaAcao | None:
        if grupo not in acoes.SO_COM_ANALISE:
            return super().proxima_acao(grupo, operacoes_url)
        return ProximaAcao(
            "O prazo ou o limite de valor do município passou: só ele ainda cancela. Marque as notas e use Pedir "
            "análise.",
            "Abrir as que pedem análise",
            f"{reverse('nfse:notas')}?cancelamento=analise&periodo=todos",
        )

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.cancelamentos(palco, TipoCanal.NACIONAL, quantas)


@registrar
class SolicitarAnalise(_Evento):
    """The event 101103: the município looks at the cancellation and decides later; reading the note again tells."""

    tipo, rotulo = "nfse.nacional.analisar", "Pedir análise fiscal do cancelamento"
    evento = TipoEvento.ANALISE_FISCAL
    efeito_no_livro = "evento_registrado"

    def _registrado(self, registrado: EventoLido, sessao: Sessao) -> Resposta:
        espera = NotaNoServico(Estado.PROCESSANDO, chave=sessao.chave, instante=registrado.instante)
        return ComEventos(espera, eventos=(registrado,))

    def aplicar(self, operacao: Operacao, resposta: Resposta) -> dict[str, Any]:
        resumo = super().aplicar(operacao, resposta)
        return resumo | {"documentos": resumo["documentos"] + _guardar_eventos(operacao, resposta)}

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.analises(palco, quantas)


@registrar
class Reler(NacionalMixin, LeituraHandler):
    """The note and its events: how a decision of the município, or what was done on the portal, is learnt."""

    tipo, rotulo = "nfse.nacional.reler", "Reler NFS-e"
    status_ao_concluir: ClassVar[Mapping[int, str]] = {404: "a nota não tem eventos"}

    def preparar(self, operacao: Operacao) -> Sessao:
        """A note that a person settled by its number has no chave: it is looked for by the Id of its DPS."""
        sessao, referencia = super().preparar(operacao), operacao.pedido["referencia"]
        if sessao.chave:
            return sessao
        empresa = acesso.canal_de(operacao.acesso).empresa
        dela = id_dps(empresa.municipio_id or "", empresa.documento, referencia["serie"], referencia["rps"] or 0)
        return replace(sessao, identificador=dela)

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Resposta:
        if sessao.chave:
            nota = sessao.cliente.sefin.consultar(sessao.chave, chamadas=chamadas)
        else:
            nota = _da_dps(sessao, chamadas)
        if nota is None:
            raise ProviderRefused(
                "A NFS-e Nacional não mostra esta nota à empresa. Confira-a no portal nacional.", codigo="NOTA-AUSENTE"
            )
        sessao = replace(sessao, chave=str(nota.chave))
        lidos = list(_eventos(sessao, chamadas))
        outros = tuple(um for um in lidos if um.tipo not in FINAIS)
        if fim := next((um for um in lidos if um.tipo in FINAIS), None):
            return ComEventos(nacional.fim_de(fim, nota.xml), eventos=outros)
        # Two of the same second keep the order in which the ADN gave them.
        em_ordem = sorted(lidos, key=lambda um: um.instante)
        ultimo = em_ordem[-1] if em_ordem else None
        negada = ultimo is not None and ultimo.tipo == TipoEvento.ANALISE_INDEFERIDA
        negativa = (ultimo.motivo or "O município indeferiu.") if ultimo and negada else ""
        quando = ultimo.instante if ultimo and negada else None
        return Relida(_resposta(nota).nota, eventos=outros, negada=negativa, negada_em=quando)

    def aplicar(self, operacao: Operacao, resposta: Resposta) -> dict[str, Any]:
        if isinstance(resposta, Relida) and resposta.negada_em is not None:
            nota = registro.travada(operacao.pedido["nota"])
            registro.cancelamentos_negados(nota, operacao, resposta.negada, decididos_em=resposta.negada_em)
        resumo = super().aplicar(operacao, resposta)
        return resumo | {"documentos": resumo["documentos"] + _guardar_eventos(operacao, resposta)}

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.leituras(palco, TipoCanal.NACIONAL, "reler", quantas)


def _guardar_eventos(operacao: Operacao, resposta: Resposta) -> list[str]:
    """The pks of the documents."""
    lidos = resposta.eventos if isinstance(resposta, ComEventos) else ()
    if not lidos:
        return []
    nota = registro.travada(operacao.pedido["nota"])
    return [str(nacional.guardar_evento(lido, nota.empresa, nota.competencia).pk) for lido in lidos if lido.xml]


def _eventos(sessao: Sessao, chamadas: Chamadas) -> Iterator[EventoLido]:
    """Of the note, those that can be read."""
    producao = sessao.cliente.sefin.producao
    for documento in sessao.cliente.adn.eventos_da_nota(sessao.chave, chamadas=chamadas):
        try:
            yield ler_evento(documento.xml, producao=producao, chave=sessao.chave)
        except DocumentoInvalido:
            continue


def _finais(sessao: Sessao, chamadas: Chamadas) -> Iterator[EventoLido]:
    return (evento for evento in _eventos(sessao, chamadas) if evento.tipo in FINAIS)


def _do_fim(evento: EventoLido, da_nota: bytes) -> Resposta:
    return Resposta(nacional.fim_de(evento, da_nota))
