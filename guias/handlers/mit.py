"""MIT: a month sent to be closed and followed by its protocol, and what the Receita says of the months."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from comum.models import Usuario
from credentials.models import Servico
from guias.ensaio import federais as ensaio
from guias.handlers.base import EmEspera, IntegraContadorHandler, Leitura, Lido, Sessao, SessaoEmEspera
from guias.handlers.telas import MIT
from guias.models import ApuracaoMit
from guias.providers import mit
from guias.providers.mit import Detalhe
from guias.services import debitos_mit
from guias.services import mit as servico
from guias.services.pedidos import Pedido, competencia_de, partes_de
from operacoes.ensaio import NoLivro, Palco
from operacoes.errors import OutcomeUnknown, ProviderError, ProviderRefused
from operacoes.handlers import (
    Aceita,
    Aconteceu,
    Conferencia,
    NaoAconteceu,
    PrecisaDePessoa,
    ProximaAcao,
    Repeticao,
    registrar,
)
from operacoes.http import Chamadas
from operacoes.models import Classe, Efeito, Operacao, Processamento
from operacoes.motor import NovaOperacao
from operacoes.ritmo import no_ritmo

# Seconds before each look. By the protocol it is free; without one each is a charged question.
_PELO_PROTOCOLO = (15, 15, 30, 60, 120, 300, 600, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 24 * 3600)
_SEM_PROTOCOLO = (120, 600, 3600, 6 * 3600, 24 * 3600)
_NAO_CONCLUI = "A Receita não diz como terminou o encerramento deste mês. Veja-o no MIT e diga aqui o que aconteceu."
Situacao = ApuracaoMit.Situacao
_ENVIADAS = (mit.Situacao.ENCERRADA, mit.Situacao.ENCERRANDO, mit.Situacao.COM_PENDENCIAS)


class _DoMit(IntegraContadorHandler):
    servico_do_vinculo = Servico.DCTFWEB
    tela = MIT
    conserto = ("-MIT-", "Corrija os débitos do mês e envie de novo.", MIT)

    def depois(self, run: Processamento) -> ProximaAcao | None:
        return ProximaAcao("", "Voltar ao MIT", reverse("guias:mit"))


@dataclass(frozen=True)
class Encerrado:
    """How a closing ended. `apuracao` is None where only its protocol was looked at."""

    situacao: mit.Situacao
    protocolo: str = ""
    apuracao: mit.Apuracao | None = None
    id: str = ""
    pendencias: tuple[str, ...] = ()


def _esperar(protocolo: str, olhadas: int) -> Aceita | PrecisaDePessoa:
    """Until the look that comes after so many."""
    esperas = _PELO_PROTOCOLO if protocolo else _SEM_PROTOCOLO
    if olhadas >= len(esperas):
        return PrecisaDePessoa(_NAO_CONCLUI)
    return Aceita(no_ritmo(timedelta(seconds=esperas[olhadas])), {"protocolo": protocolo, "olhadas": olhadas})


@registrar
class EncerrarMit(_DoMit, EmEspera):
    """Send a month to be closed. The Receita takes it and decides later; a month is closed once."""

    tipo, rotulo = servico.TIPO_ENCERRAR, "Encerrar apuração do MIT"
    efeito, classe = Efeito.UNICO, Classe.DECLARACAO
    efeito_no_livro = "mit_enviada"
    prova = "O mês aparece entre as apurações do MIT na Receita, encerrado, encerrando ou com pendências."
    onde_conferir = (
        "No e-CAC, DCTFWeb, MIT: o mês aparece como Encerrado ou Encerrando quando o envio aconteceu; não aparece, ou "
        "está Em edição, quando não."
    )
    numero_da_prova = "Número da apuração no MIT"

    def enviar(
        self, pedido: Pedido, sessao: SessaoEmEspera, chamadas: Chamadas
    ) -> Aceita | PrecisaDePessoa | Encerrado:
        try:
            protocolo = mit.encerrar(sessao.cliente, partes_de(pedido), servico.de_json(pedido), chamadas=chamadas)
        except ProviderRefused as recusa:
            # A repeat is refused when an earlier sending landed: the month is closing, or closed.
            if sessao.primeiro_envio is None:
                raise
            return self._se_ja_foi(pedido, sessao, chamadas, recusa)
        return _esperar(protocolo, 0)

    def _se_ja_foi(
        self, pedido: Pedido, sessao: SessaoEmEspera, chamadas: Chamadas, recusa: ProviderRefused
    ) -> Aceita | PrecisaDePessoa | Encerrado:
        try:
            achado = _procurar(pedido, sessao, chamadas)
        except ProviderError as erro:
            raise OutcomeUnknown(
                "A Receita recusou o reenvio, e não foi possível conferir se o envio anterior aconteceu: "
                f"{erro.mensagem}",
                codigo=recusa.codigo,
                texto=recusa.texto,
            ) from erro
        if achado is None:
            raise recusa
        return _do_achado(achado, 0)

    def acompanhar(
        self, pedido: Pedido, sessao: SessaoEmEspera, chamadas: Chamadas
    ) -> Aceita | PrecisaDePessoa | Encerrado:
        protocolo = str(sessao.guardado.get("protocolo") or "")
        olhadas = int(sessao.guardado.get("olhadas", 0)) + 1
        if not protocolo:
            achado = _procurar(pedido, sessao, chamadas)
            return _esperar("", olhadas) if achado is None else _do_achado(achado, olhadas)
        andamento = mit.situacao(sessao.cliente, partes_de(pedido), protocolo, chamadas=chamadas)
        if andamento.situacao in (mit.Situacao.ENCERRANDO, mit.Situacao.EM_EDICAO):
            return _esperar(protocolo, olhadas)
        return Encerrado(andamento.situacao, protocolo, id=andamento.id, pendencias=andamento.avisos)

    def conferir(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Conferencia:
        achado = _procurar(pedido, sessao, chamadas)
        if achado is None:
            return NaoAconteceu("A Receita não tem o mês entre as apurações do MIT.")
        return Aconteceu(_do_achado(achado, 0))

    def aplicar(self, operacao: Operacao, resposta: Encerrado) -> dict[str, Any]:
        linha = ApuracaoMit.objects.select_for_update().get(pk=operacao.pedido["apuracao"])
        linha.situacao = _NOSSA[resposta.situacao]
        linha.consultada_em = timezone.now()
        linha.versao += 1
        if resposta.protocolo:
            linha.protocolo = resposta.protocolo
        linha.id_apuracao = resposta.id or linha.id_apuracao
        if resposta.apuracao is not None:
            linha.id_apuracao, linha.total_na_receita = resposta.apuracao.id, resposta.apuracao.total
        if linha.situacao == Situacao.ENCERRADA:
            linha.encerrada_em = resposta.apuracao.encerrada_em if resposta.apuracao else timezone.now()
            linha.pendencias = []
        if linha.situacao == Situacao.PENDENTE:
            linha.envio += 1  # what is corrected is sent as another closing
            linha.pendencias = list(resposta.pendencias) or ["A Receita achou pendências. Consulte quais são."]
        linha.save()
        return {"situacao": linha.get_situacao_display(), "protocolo": resposta.protocolo, "documentos": []}

    def resolvida(self, operacao: Operacao, evidencia: str, arquivo: bytes = b"") -> dict[str, Any]:
        return self.aplicar(operacao, Encerrado(mit.Situacao.ENCERRANDO))

    def repetir(self, operacoes: Sequence[Operacao], usuario: Usuario) -> Mapping[int, Repeticao | str]:
        """By what the month says now: a refusal is mended there."""
        ditas = dict(super().repetir(operacoes, usuario))
        meses = ApuracaoMit.objects.select_related("empresa")
        atuais = meses.in_bulk([operacao.pedido["apuracao"] for operacao in operacoes])
        tabela = debitos_mit.conhecidos()
        for operacao in operacoes:
            dita, linha = ditas.get(operacao.pk), atuais[operacao.pedido["apuracao"]]
            if isinstance(dita, Repeticao):
                faltam = servico.problemas(linha, tabela) if servico.editavel(linha) else ["Este mês já foi enviado."]
                ditas[operacao.pk] = (
                    " ".join(faltam) if faltam else Repeticao(dita.pedido | servico.para_envio(linha), dita.acesso)
                )
        return ditas

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.encerramentos(palco, quantas)

    def no_livro(self, operacao: Operacao) -> NoLivro | None:
        return ensaio.no_livro(operacao, self.efeito_no_livro)


_NOSSA = {
    mit.Situacao.COM_PENDENCIAS: Situacao.PENDENTE,
    mit.Situacao.EM_EDICAO: Situacao.EDICAO,
    mit.Situacao.ENCERRADA: Situacao.ENCERRADA,
    mit.Situacao.ENCERRANDO: Situacao.ENCERRANDO,
}


def _procurar(pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> mit.Apuracao | None:
    """The month at the Receita once it was sent; one that the portal only edits is none, and so is an earlier closing,
    which may stay on the list."""
    mes = competencia_de(pedido)
    listadas = mit.listar(sessao.cliente, partes_de(pedido), mes.year, mes.month, chamadas=chamadas)
    for item in reversed(listadas):
        if item.situacao in _ENVIADAS and not _de_antes(item, pedido, sessao):
            return item
    return None


def _de_antes(item: mit.Apuracao, pedido: Pedido, sessao: Sessao) -> bool:
    """By its number, unless it is closed: a month closed again may keep its number, and then its day tells."""
    if item.situacao is mit.Situacao.ENCERRANDO:
        return False
    if item.situacao is not mit.Situacao.ENCERRADA and item.id == pedido.get("anterior"):
        return True
    if item.encerrada_em is None or sessao.primeiro_envio is None:
        return False
    return timezone.localdate(item.encerrada_em) < timezone.localdate(sessao.primeiro_envio)


def _do_achado(achado: mit.Apuracao, olhadas: int) -> Aceita | PrecisaDePessoa | Encerrado:
    if achado.situacao is mit.Situacao.ENCERRANDO:
        return _esperar("", olhadas)
    return Encerrado(achado.situacao, apuracao=achado)


class _LeituraMit(_DoMit, Leitura):
    classe = Classe.CONSULTA
    acao = ""

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.do_mit(palco, quantas, self.acao)


@registrar
class ListarMit(_LeituraMit):
    """What the Receita has of the months of a year."""

    tipo, rotulo = servico.TIPO_LISTAR, "Consultar apurações do MIT"
    no_catalogo = mit.LISTAAPURACOES317
    acao = servico.ACAO_LISTAR

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> tuple[mit.Apuracao, ...]:
        return mit.listar(sessao.cliente, partes_de(pedido), pedido["ano"], chamadas=chamadas)

    def aplicar(self, operacao: Operacao, resposta: tuple[mit.Apuracao, ...]) -> dict[str, Any]:
        servico.anotar(operacao.empresa_id or 0, operacao.pedido["ano"], resposta)
        lidas = [
            {
                "id": item.id,
                "competencia": item.competencia.isoformat(),
                "situacao": int(item.situacao),
                "encerrada_em": _iso(item.encerrada_em),
                "total": str(item.total),
            }
            for item in resposta
        ]
        return super().aplicar(operacao, Lido({"apuracoes": lidas}))


def _iso(instante: datetime | None) -> str:
    return instante.isoformat() if instante else ""


@registrar
class DetalharMit(_LeituraMit):
    """Why a month did not close."""

    tipo, rotulo = servico.TIPO_DETALHE, "Consultar pendências do MIT"
    no_catalogo = mit.CONSAPURACAO316
    acao = servico.ACAO_DETALHE

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Detalhe:
        return mit.detalhe(sessao.cliente, partes_de(pedido), pedido["id"], chamadas=chamadas)

    def aplicar(self, operacao: Operacao, resposta: Detalhe) -> dict[str, Any]:
        linha = ApuracaoMit.objects.select_for_update().get(pk=operacao.pedido["apuracao"])
        if resposta.pendencias or resposta.situacao is not mit.Situacao.COM_PENDENCIAS:
            linha.pendencias = list(resposta.pendencias)
        linha.consultada_em = timezone.now()
        linha.versao += 1
        linha.save(update_fields=["pendencias", "consultada_em", "versao"])
        situacao = int(resposta.situacao) if resposta.situacao else None
        return super().aplicar(operacao, Lido({"pendencias": list(resposta.pendencias), "situacao": situacao}))
