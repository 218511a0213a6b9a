"""The effects on Integra Notas: our série and number name the note, and a repeat of them is refused by the service with
the chave of the note that has them. So the identical repeat settles a doubt that left no chave. Another refusal of a
repeat proves nothing, since the service may look at other things first: then the number is looked up."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, ClassVar

from django.conf import settings

from nfse import ensaio
from nfse.handlers.base import CancelamentoHandler, EmissaoHandler, LeituraHandler, Resposta, chave_de, so_perguntando
from nfse.models import TipoCanal
from nfse.providers.integranotas import IntegraNotas
from nfse.providers.integranotas.erros import JaExiste
from nfse.providers.integranotas.limites import PRAZO, agenda
from nfse.providers.interface import Estado, NotaNoServico, Referencia
from nfse.services.acesso import abrir_integranotas, canal_de
from nfse.services.limites import intervalo_da_nota, limite_da_nota, limites_integranotas
from nfse.services.pedidos import Pedido, emissao_do_pedido, referencia_do_pedido
from nfse.services.registro import NUMERO_JA_USADO
from operacoes.ensaio import NoLivro, NoSandbox, Palco, PelaTela
from operacoes.errors import OutcomeUnknown, ProviderRefused
from operacoes.handlers import (
    Aceita,
    Aconteceu,
    Conferencia,
    Limite,
    NaoAconteceu,
    NaoSei,
    PrecisaDePessoa,
    registrar,
)
from operacoes.http import Chamadas
from operacoes.models import Operacao, Situacao
from operacoes.motor import NovaOperacao, submeter
from operacoes.ritmo import no_ritmo

_MASCARA = re.compile(rb"[./-]")
_DE_OUTRA = "A série e o número são de uma nota (chave {}) que não se reconhece como esta."
_OLHADAS_ANTES_DE_NEGAR = 3  # a note still authorised this soon after the request says nothing of it


@dataclass(frozen=True)
class Sessao:
    """The client; what an earlier answer told of this document (`chave`, `olhadas`); and whether this number may have
    left before this try, by it or by the revision before it."""

    cliente: IntegraNotas
    chave: str
    olhadas: int
    ja_saiu: bool


class IntegraNotasMixin:
    """Whose service, in which limits. Mixed into each kind."""

    servico = "integranotas"
    nome_do_servico = "Integra Notas"
    prazo_total: ClassVar[timedelta] = no_ritmo(PRAZO)
    demora_maxima = timedelta(minutes=settings.INTEGRANOTAS_DEMORA_MAXIMA_MINUTOS)
    no_sandbox: ClassVar[NoSandbox] = NoSandbox(
        lambda pedido: {"documento": _documento(pedido)},
        perto=ensaio.perto_do_integranotas,
        consertar=ensaio.informar_token,
    )

    def limites(self, acesso: str) -> tuple[Limite, ...]:
        return limites_integranotas(acesso)

    def limites_do_pedido(self, pedido: Mapping[str, Any], acesso: str) -> tuple[Limite, ...]:
        chave = chave_de(dict(pedido))
        return (limite_da_nota(acesso, chave),) if chave else ()

    def limites_da_resposta(self, resposta: Mapping[str, Any], acesso: str) -> tuple[Limite, ...]:
        chave = str(resposta.get("chave", ""))
        return (limite_da_nota(acesso, chave),) if chave else ()

    def preparar(self, operacao: Operacao) -> Sessao:
        guardada = operacao.resposta
        return Sessao(
            abrir_integranotas(canal_de(operacao.acesso)),
            str(guardada.get("chave", "")) or chave_de(operacao.pedido),
            int(guardada.get("olhadas", 0)),
            _ja_saiu(operacao),
        )


def _ja_saiu(operacao: Operacao) -> bool:
    if operacao.envios > 1 or operacao.duvidas > 0 or operacao.situacao == Situacao.INCERTA:
        return True
    anterior = operacao.anterior
    return anterior is not None and _documento(anterior.pedido) == _documento(operacao.pedido)


def _documento(pedido: Mapping[str, Any]) -> str:
    """Which document the calls are about, as the sandbox knows it."""
    partes = pedido.get("emissao") or {}
    referencia = pedido.get("referencia") or {}
    serie, numero = partes.get("serie") or referencia.get("serie"), partes.get("numero") or referencia.get("rps")
    return f"{serie}/{numero}" if numero else ""


def _em_processamento(nota: NotaNoServico, olhadas: int) -> Aceita | PrecisaDePessoa:
    espera = agenda(olhadas)
    if espera is None:
        return PrecisaDePessoa("O município não respondeu em 48 horas.")
    return Aceita(no_ritmo(espera), {"chave": nota.chave, "olhadas": olhadas})


class _Emissao(IntegraNotasMixin, EmissaoHandler):
    """Issuing and replacing differ in one call."""

    efeito_no_livro = "nfse_autorizada"
    pergunta_envia = True
    arquivo_da_prova = "NFS-e (PDF)"
    prova = "A consulta da chave mostra a nota; sem chave, o serviço recusa repetir a série e o número, e diz a chave."
    onde_conferir = (
        "No painel do Integra Notas (gestão), emitente da nota, NFS-e: a nota com a série e o número (RPS) mostrados "
        "aqui."
    )

    def chamar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> NotaNoServico:
        raise NotImplementedError

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Any:
        try:
            nota = self.chamar(pedido, sessao, chamadas)
        except JaExiste as existe:
            if sessao.ja_saiu:
                raise  # an earlier try of ours may be the one: ask
            emissao = pedido["emissao"]
            raise ProviderRefused(
                f"O número {emissao['serie']}/{emissao['numero']} já foi usado por outra nota no Integra Notas. Emita "
                "de novo, e esta leva o próximo; se outro sistema usou muitos, acerte o próximo número em Canais.",
                codigo=NUMERO_JA_USADO,
                texto=f"chave {existe.chave}",
            ) from existe
        except ProviderRefused as recusa:
            if not sessao.ja_saiu:
                raise
            return self._recusada_depois_de_sair(recusa, pedido, sessao, chamadas)
        return _em_processamento(nota, 0) if nota.estado is Estado.PROCESSANDO else Resposta(nota)

    def _recusada_depois_de_sair(
        self, recusa: ProviderRefused, pedido: Pedido, sessao: Sessao, chamadas: Chamadas
    ) -> Any:
        """What the earlier try did, where it did something; else the refusal stands."""
        match self._pelo_numero(pedido, sessao, chamadas):
            case Aconteceu(resposta):
                return resposta
            case NaoSei(motivo=motivo):
                raise OutcomeUnknown(motivo, codigo=recusa.codigo, texto=recusa.texto) from recusa
        raise recusa

    def conferir(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Conferencia:
        if sessao.chave:  # perhaps that of an earlier try than the last one
            return self._por_chave(sessao.chave, sessao, pedido, chamadas) or self._pelo_numero(
                pedido, sessao, chamadas
            )
        try:
            nota = self.chamar(pedido, sessao, chamadas)
        except JaExiste as existe:
            achada = self._por_chave(existe.chave, sessao, pedido, chamadas)
            return achada or NaoAconteceu("O serviço recusou e apagou a nota que tinha este número.")
        except ProviderRefused:
            return self._pelo_numero(pedido, sessao, chamadas)
        return Aconteceu(_em_processamento(nota, 0) if nota.estado is Estado.PROCESSANDO else Resposta(nota))

    def _por_chave(self, chave: str, sessao: Sessao, pedido: Pedido, chamadas: Chamadas) -> Aconteceu | NaoSei | None:
        """None: the service has no note of this chave, or does not say."""
        try:
            nota = sessao.cliente.consultar(Referencia(chave=chave), chamadas=chamadas)
        except ProviderRefused:
            return None
        if nota is None:
            return None
        if nota.estado is Estado.PROCESSANDO:
            return Aconteceu(Aceita(no_ritmo(intervalo_da_nota()), {"chave": chave, "olhadas": 1}))
        if nota.estado is Estado.DESCONHECIDO or not _e_esta(nota, pedido):
            return NaoSei(timedelta.max, _DE_OUTRA.format(chave))
        return Aconteceu(Resposta(nota))

    def _pelo_numero(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Conferencia:
        """By our série and number in the service's list of notes: one that is there is looked at by its chave."""
        emissao = pedido["emissao"]
        referencia = Referencia(serie=emissao["serie"], rps=emissao["numero"])
        with so_perguntando():
            achadas = sessao.cliente.procurar(referencia, chamadas=chamadas)
        if not achadas:
            return NaoAconteceu("O serviço não tem nota com esta série e este número.")
        achada = next((nota for nota in achadas if nota.estado is not Estado.CANCELADA), achadas[0])
        if not achada.chave:
            return NaoSei(timedelta.max, "O serviço tem uma nota com esta série e este número, e não diz a chave dela.")
        return Aconteceu(Aceita(no_ritmo(intervalo_da_nota()), {"chave": achada.chave, "olhadas": 1}))

    def acompanhar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Any:
        try:
            nota = sessao.cliente.consultar(Referencia(chave=sessao.chave), chamadas=chamadas)
        except ProviderRefused as recusa:
            return self._talvez_recusada(recusa, pedido, sessao, chamadas)
        if nota is None:
            sumiu = ProviderRefused(
                "O Integra Notas não tem mais esta nota: foi recusada pelo município. Corrija e emita de novo, com o "
                "mesmo número.",
                codigo="RECUSADA-DEPOIS",
            )
            return self._talvez_recusada(sumiu, pedido, sessao, chamadas)
        if nota.estado in (Estado.PROCESSANDO, Estado.DESCONHECIDO):
            return _em_processamento(nota, sessao.olhadas + 1)
        return Resposta(nota) if _e_esta(nota, pedido) else PrecisaDePessoa(_DE_OUTRA.format(sessao.chave))

    def _talvez_recusada(
        self, recusa: ProviderRefused, pedido: Pedido, sessao: Sessao, chamadas: Chamadas
    ) -> Aceita | PrecisaDePessoa:
        """A refused question is no refusal of the note, unless the service does not list it either."""
        if isinstance(self._pelo_numero(pedido, sessao, chamadas), NaoAconteceu):
            raise recusa
        return _em_processamento(NotaNoServico(Estado.PROCESSANDO, chave=sessao.chave), sessao.olhadas + 1)

    def aplicar(self, operacao: Operacao, resposta: Resposta) -> dict[str, Any]:
        resumo = super().aplicar(operacao, resposta)
        if resposta.nota.chave and not (resposta.nota.xml and resposta.nota.pdf):
            _pedir_documentos(operacao, resposta.nota)
        return resumo

    def pela_tela(self, novas: Sequence[NovaOperacao]) -> Sequence[PelaTela]:
        return ensaio.pela_tela(novas)


def _e_esta(nota: NotaNoServico, pedido: Pedido) -> bool:
    """Whether what the service shows can be the note of the pedido; what it does not tell does not count against it."""
    emissao = pedido["emissao"]
    tomador = emissao["tomador"]["documento"]
    pares = (
        (nota.serie, emissao["serie"]),
        (nota.rps, emissao["numero"]),
        (nota.documento_tomador, tomador),
    )
    if not all(visto in ("", None) or str(visto) == str(nosso) for visto, nosso in pares):
        return False
    return not nota.xml or tomador.encode() in _MASCARA.sub(b"", nota.xml)


def _pedir_documentos(operacao: Operacao, nota: NotaNoServico) -> None:
    """Fetch XML and PDF at once, as an Operacao of its own: the note does not wait for them."""
    emissao = operacao.pedido["emissao"]
    referencia = {
        "chave": nota.chave,
        "numero": nota.numero,
        "serie": emissao["serie"],
        "rps": emissao["numero"],
        "marca": emissao["marca"],
        "desde_numero": 0,
    }
    nova = NovaOperacao(
        tipo=Documentos.tipo,
        chave=f"nfse.documentos:{operacao.pedido['nota']}:{operacao.pk}",
        pedido={"nota": operacao.pedido["nota"], "referencia": referencia},
        acesso=operacao.acesso,
        empresa_id=operacao.empresa_id,
        competencia=operacao.competencia,
    )
    submeter([nova], usuario=operacao.usuario, processamento=operacao.processamento)


@registrar
class Emitir(_Emissao):
    """Create the note; where the town decides later, it is looked at until it did."""

    tipo, rotulo = "nfse.integranotas.emitir", "Emitir NFS-e"

    def chamar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> NotaNoServico:
        return sessao.cliente.emitir(emissao_do_pedido(pedido["emissao"]), chamadas=chamadas)

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.emissoes(palco, TipoCanal.INTEGRANOTAS, quantas)

    def no_livro(self, operacao: Operacao) -> NoLivro | None:
        return ensaio.no_livro(operacao, self.efeito_no_livro)


@registrar
class Substituir(_Emissao):
    """Issue the new note and cancel the old one in one call; the old one ends when the new one is authorised."""

    tipo, rotulo = "nfse.integranotas.substituir", "Substituir NFS-e"

    def limites_do_pedido(self, pedido: Mapping[str, Any], acesso: str) -> tuple[Limite, ...]:
        return ()  # the route names no chave

    def preparar(self, operacao: Operacao) -> Sessao:
        guardada = operacao.resposta
        return Sessao(
            abrir_integranotas(canal_de(operacao.acesso)),
            str(guardada.get("chave", "")),  # of the new note, not of the one it replaces
            int(guardada.get("olhadas", 0)),
            _ja_saiu(operacao),
        )

    def _pelo_numero(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Conferencia:
        """The service may refuse a repeat because the old note is gone: that it was replaced is then likely."""
        pelo_numero = super()._pelo_numero(pedido, sessao, chamadas)
        if not isinstance(pelo_numero, NaoAconteceu):
            return pelo_numero
        with so_perguntando():
            antiga = sessao.cliente.consultar(referencia_do_pedido(pedido["antiga"]), chamadas=chamadas)
        if antiga is None or antiga.estado is Estado.AUTORIZADA:
            return pelo_numero
        return NaoSei(timedelta.max, "A nota substituída não vale mais, e a nova não aparece no serviço.")

    def chamar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> NotaNoServico:
        return sessao.cliente.substituir(
            emissao_do_pedido(pedido["emissao"]),
            referencia_do_pedido(pedido["antiga"]),
            pedido["codigo"],
            pedido["motivo"],
            chamadas=chamadas,
        )

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.substituicoes(palco, TipoCanal.INTEGRANOTAS, quantas)

    def no_livro(self, operacao: Operacao) -> NoLivro | None:
        return ensaio.no_livro(operacao, self.efeito_no_livro, tambem=("nfse_substituida",))


@registrar
class Cancelar(IntegraNotasMixin, CancelamentoHandler):
    """Cancel. A note that is asked about tells whether it was."""

    tipo, rotulo = "nfse.integranotas.cancelar", "Cancelar NFS-e"
    efeito_no_livro = "nfse_cancelada"
    prova = "A consulta da chave mostra a nota cancelada."
    onde_conferir = "No painel do Integra Notas (gestão), ou na página do município, a situação da nota."

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Any:
        referencia = referencia_do_pedido(pedido["referencia"])
        nota = sessao.cliente.cancelar(referencia, pedido["codigo"], pedido["motivo"], chamadas=chamadas)
        return self._andamento(nota, 0)

    def conferir(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Conferencia:
        nota = sessao.cliente.consultar(Referencia(chave=sessao.chave), chamadas=chamadas)
        if nota is None or nota.estado is Estado.DESCONHECIDO:
            return NaoSei(no_ritmo(timedelta(minutes=10)), "O Integra Notas não diz a situação da nota.")
        if nota.estado is Estado.AUTORIZADA:
            return NaoAconteceu("A nota continua autorizada.")
        return Aconteceu(self._andamento(nota, 1))

    def acompanhar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Any:
        with so_perguntando():
            nota = sessao.cliente.consultar(Referencia(chave=sessao.chave), chamadas=chamadas)
        if nota is not None and nota.estado is Estado.AUTORIZADA and sessao.olhadas >= _OLHADAS_ANTES_DE_NEGAR:
            raise ProviderRefused(
                "O município não cancelou a nota: ela continua autorizada. Cancele na página do município, se ele "
                "permitir, e releia a nota.",
                codigo="CANCELAMENTO-NEGADO",
                texto=nota.mensagem,
            )
        if nota is None or nota.estado is not Estado.CANCELADA:
            return _em_processamento(NotaNoServico(Estado.PROCESSANDO, chave=sessao.chave), sessao.olhadas + 1)
        return Resposta(nota)

    def _andamento(self, nota: NotaNoServico, olhadas: int) -> Any:
        return Resposta(nota) if nota.estado is Estado.CANCELADA else _em_processamento(nota, olhadas)

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.cancelamentos(palco, TipoCanal.INTEGRANOTAS, quantas)

    def no_livro(self, operacao: Operacao) -> NoLivro | None:
        return ensaio.no_livro(operacao, self.efeito_no_livro)


def _pelo_rps(pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> NotaNoServico:
    """The note under our série and number, of one that a person settled without a chave. Raises ProviderRefused where
    there is none, or another one's."""
    nossa = referencia_do_pedido(pedido["referencia"])
    nome = f"a série e o número (RPS) {nossa.serie}/{nossa.rps}"
    nota = sessao.cliente.consultar(nossa, chamadas=chamadas)
    if nota is None or not nota.chave:
        raise ProviderRefused(
            f"O Integra Notas não tem nota com {nome}, e esta está sem a chave. Confira no painel do serviço se "
            "ela saiu por outro sistema, com outro número.",
            codigo="SEM-CHAVE",
        )
    tomador = str(pedido.get("tomador", ""))
    mesmas = (nota.serie in ("", nossa.serie), nota.rps in (None, nossa.rps), _mesmo_numero(nota.numero, nossa.numero))
    do_tomador = not (nota.xml and tomador) or tomador.encode() in _MASCARA.sub(b"", nota.xml)
    if not (all(mesmas) and do_tomador):
        raise ProviderRefused(
            f"O Integra Notas tem com {nome} a NFS-e {nota.numero or 'sem número'} (chave {nota.chave}), que não se "
            f"reconhece como esta (NFS-e {nossa.numero}). Nada foi gravado: confira no painel do serviço.",
            codigo="OUTRA-NOTA",
        )
    return nota


def _mesmo_numero(visto: str, digitado: str) -> bool:
    """One may have the year before it, or zeros; what either does not tell does not count against it."""
    curto, longo = sorted((visto.strip().lstrip("0"), digitado.strip().lstrip("0")), key=len)
    return not curto or re.fullmatch(rf"(20[0-9]{{2}})?0*{re.escape(curto)}", longo) is not None


@registrar
class Reler(IntegraNotasMixin, LeituraHandler):
    """Have the service look at the town hall again: how a cancellation made on the town's page is learnt."""

    tipo, rotulo = "nfse.integranotas.reler", "Reler NFS-e"
    prazo_total: ClassVar[timedelta] = no_ritmo(PRAZO * 2)  # without a chave it is looked for first

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Resposta:
        if not sessao.chave:
            return Resposta(_pelo_rps(pedido, sessao, chamadas))
        return Resposta(sessao.cliente.resolver(sessao.chave, chamadas=chamadas))

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.leituras(palco, TipoCanal.INTEGRANOTAS, "reler", quantas)


@registrar
class Documentos(IntegraNotasMixin, LeituraHandler):
    """Fetch XML and PDF: at once after the authorisation, and again while the service still has them."""

    tipo, rotulo = "nfse.integranotas.documentos", "Buscar XML e PDF"
    prazo_total: ClassVar[timedelta] = no_ritmo(PRAZO * 2)  # two calls on one chave, the second in its turn

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Resposta:
        if not sessao.chave:  # a PDF that does not come along is fetched by the chave, the next time
            return Resposta(_pelo_rps(pedido, sessao, chamadas))
        nota = sessao.cliente.consultar(Referencia(chave=sessao.chave), chamadas=chamadas)
        if nota is None:
            raise ProviderRefused(
                "O Integra Notas não tem mais os arquivos desta nota. Peça o XML ao município.", codigo="SEM-ARQUIVOS"
            )
        if nota.pdf:
            return Resposta(nota)
        return Resposta(replace(nota, pdf=sessao.cliente.pdf(sessao.chave, chamadas=chamadas)))

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.leituras(palco, TipoCanal.INTEGRANOTAS, "documentos", quantas)
