"""The effects on titles: a batch, a prepayment, an update, a reversal."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.urls import reverse

from comum.models import Usuario
from comum.planilhas import Celula
from operacoes.ensaio import NoLivro, Palco
from operacoes.handlers import ProximaAcao, Repeticao, registrar
from operacoes.models import Operacao
from operacoes.motor import NovaOperacao
from pagar import ensaio
from pagar.handlers.base import ErpHandler, Sessao, onde
from pagar.models import Lote, Movimento, Titulo
from pagar.providers.datasul import Motivo
from pagar.providers.interface import (
    Antecipacao,
    Atualizacao,
    Estorno,
    LoteTitulos,
    OperacaoEstorno,
    Resultado,
)
from pagar.providers.pedidos import reler
from pagar.services import atos, guias, implantacao, notas, registro
from pagar.services.chaves import ChaveInvalida
from pagar.services.codigos import ler_das_guias

Situacao, Tipo = Titulo.Situacao, Movimento.Tipo
_RETIRADA = "Retirado da fila."


@registrar
class Implantar(ErpHandler[LoteTitulos]):
    """A batch of titles: {"lote": pk, "titulos": [pk, ...]}."""

    tipo, rotulo, corpo = implantacao.IMPLANTAR, "Implantar lote de títulos", LoteTitulos
    efeito_no_livro = "titulo"
    indicios = frozenset({Motivo.TITULO_EXISTE})
    prova = "O Datasul recusa a repetição do lote porque a referência dele já foi usada."
    onde_conferir = onde("os títulos com a referência deste lote.")
    como_repete = "Os títulos que continuam recusados vão em um lote novo, como estão agora."
    colunas_do_resultado = ("Referência", "Títulos", "Total (R$)")

    def chamar(self, pedido: Mapping[str, Any], sessao: Sessao, *, pergunta: bool) -> Callable[..., Resultado]:
        return sessao.aberta.cliente.implantar

    def preparar(self, operacao: Operacao) -> Sessao:
        """Besides, the bar codes of guias that nobody looked at yet are read from their PDFs."""
        ler_das_guias(operacao.pedido["titulos"])
        return super().preparar(operacao)

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.lotes(palco, quantas)

    def no_livro(self, operacao: Operacao) -> NoLivro | None:
        return ensaio.no_livro(operacao, self.efeito_no_livro, tambem=("titulo_imposto",))

    def submetidas(self, operacoes: Sequence[Operacao]) -> None:
        movimentos = []
        lotes = Lote.objects.in_bulk([operacao.pedido["lote"] for operacao in operacoes])
        travados = {t.pk: t for t in registro.travados(pk for op in operacoes for pk in op.pedido["titulos"])}
        for operacao in operacoes:
            lotes[operacao.pedido["lote"]].operacao = operacao
            for pk in operacao.pedido["titulos"]:
                titulo = travados[pk]
                titulo.situacao, titulo.operacao, titulo.mensagem = Situacao.ENVIANDO, operacao, ""
                titulo.versao += 1
                movimentos.append(
                    registro.contar(
                        titulo, Tipo.ENVIADO, operacao=operacao, referencia=operacao.pedido["corpo"]["referencia"]
                    )
                )
        Lote.objects.bulk_update(lotes.values(), ["operacao"], batch_size=500)
        registro.gravar([movimento.titulo for movimento in movimentos], movimentos)

    def aplicar(self, operacao: Operacao, resposta: Resultado) -> dict[str, Any]:
        corpo = reler(LoteTitulos, operacao.pedido["corpo"])
        assert corpo.data is not None  # noqa: S101 - of every batch
        titulos = registro.travados(operacao.pedido["titulos"])
        registro.implantados(titulos, resposta, operacao, referencia=corpo.referencia, data=corpo.data)
        com_barras = [
            titulo
            for titulo in titulos
            if titulo.barras == Titulo.Barras.PENDENTE and titulo.situacao == Situacao.ABERTO
        ]
        try:
            atos.gravar_barras(com_barras, operacao.usuario, operacao.processamento)
        except ChaveInvalida as erro:  # the title is there all the same, and its bar code may be asked for again
            registro.avisar(com_barras, f"O código de barras não foi enviado. {erro}")
            com_barras = []
        for titulo in titulos:
            if titulo.nota_id is not None and titulo not in com_barras:
                notas.acompanhar(titulo)
            if titulo.guia_id is not None and titulo not in com_barras:
                guias.acompanhar(titulo)
        return {"lote": operacao.pedido["lote"], "referencia": corpo.referencia, "titulos": len(titulos)}

    def recusada(self, operacao: Operacao) -> None:
        """What the refusal names is refused; the rest of the batch goes again at once. When nothing is named, or all
        is, the whole batch is refused."""
        pks = operacao.pedido["titulos"]
        nomeados = {
            pks[posicao]: dito for posicao, dito in implantacao.culpados(operacao).items() if posicao < len(pks)
        }
        titulos = [titulo for titulo in registro.travados(pks) if titulo.situacao == Situacao.ENVIANDO]
        if not nomeados or not titulos:
            nomeados = {titulo.pk: operacao.mensagem for titulo in titulos}
        sem_nota, vivos = notas.separar(titulos)
        registro.recusados([titulo for titulo in vivos if titulo.pk in nomeados], operacao, nomeados)
        notas.abandonar(sem_nota, notas.CANCELADA)
        if restantes := [titulo for titulo in vivos if titulo.pk not in nomeados]:
            try:
                implantacao.reagrupar(operacao, restantes)
            except ChaveInvalida as erro:
                registro.recusados(restantes, operacao, dict.fromkeys((titulo.pk for titulo in restantes), str(erro)))

    def desistida(self, operacao: Operacao) -> None:
        titulos = [t for t in registro.travados(operacao.pedido["titulos"]) if t.situacao == Situacao.ENVIANDO]
        sem_nota, vivos = notas.separar(titulos)
        registro.recusados(vivos, operacao, {titulo.pk: _RETIRADA for titulo in vivos})
        notas.abandonar(sem_nota, notas.CANCELADA)

    def repetir(self, operacoes: Sequence[Operacao], usuario: Usuario) -> Mapping[int, Repeticao | str]:
        return implantacao.repeticoes(operacoes)

    def resultados(self, operacoes: Sequence[Operacao]) -> Mapping[int, Sequence[Celula]]:
        lotes = Lote.objects.in_bulk({operacao.pedido["lote"] for operacao in operacoes})
        return {
            operacao.pk: (lote.referencia, lote.quantidade, lote.total)
            for operacao in operacoes
            if (lote := lotes.get(operacao.pedido["lote"])) is not None
        }


class _DoTitulo[C: (Antecipacao, Atualizacao, Estorno)](ErpHandler[C]):
    """An effect on one title: {"titulo": pk, ...}."""

    colunas_do_resultado = ("Título", "Fornecedor", "Saldo (R$)")

    def resultados(self, operacoes: Sequence[Operacao]) -> Mapping[int, Sequence[Celula]]:
        titulos = Titulo.objects.select_related("fornecedor").in_bulk({op.pedido["titulo"] for op in operacoes})
        return {
            operacao.pk: (titulo.nome, str(titulo.fornecedor), titulo.saldo)
            for operacao in operacoes
            if (titulo := titulos.get(operacao.pedido["titulo"])) is not None
        }


@registrar
class Antecipar(_DoTitulo[Antecipacao]):
    tipo, rotulo, corpo = implantacao.ANTECIPAR, "Criar antecipação", Antecipacao
    efeito_no_livro = "antecipacao"
    indicios = frozenset({Motivo.TITULO_EXISTE})
    prova = "O Datasul recusa a repetição porque a referência da antecipação já foi usada."
    onde_conferir = onde("a antecipação deste fornecedor com este número.")
    como_repete = "Cada antecipação é enviada de novo como está agora."

    def chamar(self, pedido: Mapping[str, Any], sessao: Sessao, *, pergunta: bool) -> Callable[..., Resultado]:
        return sessao.aberta.cliente.antecipar

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.antecipacoes(palco, quantas)

    def no_livro(self, operacao: Operacao) -> NoLivro | None:
        return ensaio.no_livro(operacao, self.efeito_no_livro)

    def submetidas(self, operacoes: Sequence[Operacao]) -> None:
        por_titulo = {operacao.pedido["titulo"]: operacao for operacao in operacoes}
        titulos = registro.travados(por_titulo)
        movimentos = []
        for titulo in titulos:
            operacao = por_titulo[titulo.pk]
            titulo.situacao, titulo.operacao, titulo.mensagem = Situacao.ENVIANDO, operacao, ""
            titulo.versao += 1
            tomada = operacao.pedido["corpo"]["referencia"]
            movimentos.append(registro.contar(titulo, Tipo.ENVIADO, operacao=operacao, referencia=tomada))
        registro.gravar(titulos, movimentos)

    def aplicar(self, operacao: Operacao, resposta: Resultado) -> dict[str, Any]:
        corpo = reler(Antecipacao, operacao.pedido["corpo"])
        assert corpo.emissao is not None  # noqa: S101 - of every prepayment
        titulo = registro.travado(operacao.pedido["titulo"])
        registro.implantados([titulo], resposta, operacao, referencia=corpo.referencia, data=corpo.emissao)
        return {"titulo": titulo.pk, "referencia": corpo.referencia}

    def recusada(self, operacao: Operacao) -> None:
        self._voltou(operacao, operacao.mensagem)

    def desistida(self, operacao: Operacao) -> None:
        self._voltou(operacao, _RETIRADA)

    def _voltou(self, operacao: Operacao, mensagem: str) -> None:
        titulo = registro.travado(operacao.pedido["titulo"])
        if titulo.situacao == Situacao.ENVIANDO:
            registro.recusados([titulo], operacao, {titulo.pk: mensagem})

    def repetir(self, operacoes: Sequence[Operacao], usuario: Usuario) -> Mapping[int, Repeticao | str]:
        return implantacao.repeticoes(operacoes)


class _Ato[C: (Atualizacao, Estorno)](_DoTitulo[C]):
    """What is asked of a title that is there: one at a time."""

    def proxima_acao(self, grupo: str, operacoes_url: str) -> ProximaAcao | None:
        return ProximaAcao(
            "O título continua no ERP como estava. Corrija o que a mensagem aponta e peça de novo.",
            "Abrir os que precisam de você",
            reverse("pagar:titulos") + "?situacao=precisam&periodo=todos",
        )

    def submetidas(self, operacoes: Sequence[Operacao]) -> None:
        por_titulo = {operacao.pedido["titulo"]: operacao for operacao in operacoes}
        titulos = registro.travados(por_titulo)
        for titulo in titulos:
            titulo.em_curso = por_titulo[titulo.pk]
            titulo.versao += 1
        registro.gravar(titulos, [])

    def recusada(self, operacao: Operacao) -> None:
        self._voltou(operacao, operacao.mensagem)

    def desistida(self, operacao: Operacao) -> None:
        self._voltou(operacao, _RETIRADA)

    def _voltou(self, operacao: Operacao, mensagem: str) -> None:
        titulo = registro.travado(operacao.pedido["titulo"])
        if titulo.em_curso_id == operacao.pk:
            registro.ato_recusado(titulo, operacao, mensagem)
            self.depois_da_recusa(titulo, mensagem)

    def depois_da_recusa(self, titulo: Titulo, mensagem: str) -> None:
        """The note may have been cancelled while this was being asked."""
        notas.acompanhar(titulo)

    def repetir(self, operacoes: Sequence[Operacao], usuario: Usuario) -> Mapping[int, Repeticao | str]:
        """One of each title: the others are told that it is being made."""
        feitas: dict[int, Repeticao | str] = {}
        vistos: set[int] = set()
        registro.travados(operacao.pedido["titulo"] for operacao in operacoes)
        for operacao in operacoes:
            pk = operacao.pedido["titulo"]
            motivo = "" if pk not in vistos else "O mesmo título já é repetido por outro pedido."
            motivo = motivo or self.por_que_nao(registro.travado(pk), operacao)
            feitas[operacao.pk] = motivo or Repeticao(atos.pedido_de_novo(operacao), operacao.acesso)
            vistos.add(pk)
        return feitas

    def por_que_nao(self, titulo: Titulo, operacao: Operacao) -> str:
        """What keeps a refused act from being asked again."""
        raise NotImplementedError


@registrar
class Atualizar(_Ato[Atualizacao]):
    """An update; with {"barras": true} the bar code that a batch could not carry."""

    tipo, rotulo, corpo = atos.ATUALIZAR, "Atualizar título", Atualizacao
    efeito_no_livro = "atualizacao"
    indicios = frozenset({Motivo.TITULO_FECHADO})
    prova = "O Datasul recusa a repetição porque a referência da atualização já foi usada."
    onde_conferir = onde("nos movimentos deste título, a alteração com a referência do envio.")

    def chamar(self, pedido: Mapping[str, Any], sessao: Sessao, *, pergunta: bool) -> Callable[..., Resultado]:
        return sessao.aberta.cliente.atualizar

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.atualizacoes(palco, quantas)

    def no_livro(self, operacao: Operacao) -> NoLivro | None:
        return ensaio.no_livro(operacao, self.efeito_no_livro)

    def por_que_nao(self, titulo: Titulo, operacao: Operacao) -> str:
        if operacao.pedido["barras"] and titulo.barras != Titulo.Barras.PENDENTE:
            return "O código de barras deste título já não está pendente."
        return atos.por_que_nao_atualizar(titulo)

    def aplicar(self, operacao: Operacao, resposta: Resultado) -> dict[str, Any]:
        titulo = registro.travado(operacao.pedido["titulo"])
        corpo, barras = reler(Atualizacao, operacao.pedido["corpo"]), bool(operacao.pedido["barras"])
        if titulo.em_curso_id == operacao.pk:
            registro.atualizado(titulo, corpo, operacao, resposta, barras=barras)
            notas.acompanhar(titulo)
            guias.acompanhar(titulo)
        return {"titulo": titulo.pk, "referencia": corpo.referencia}


@registrar
class Estornar(_Ato[Estorno]):
    """A cancellation, the reversal of a title, or of one of its movements: {"movimento": pk or None}."""

    tipo, rotulo, corpo = atos.ESTORNAR, "Estornar ou cancelar título", Estorno
    efeito_no_livro = "estorno"
    indicios = frozenset({Motivo.TITULO_FECHADO, Motivo.MOVIMENTO_ESTORNADO})
    prova = "O Datasul recusa a repetição porque a referência do estorno já foi usada."
    onde_conferir = onde("a situação deste título e, nos movimentos dele, o estorno com a referência do envio.")

    def chamar(self, pedido: Mapping[str, Any], sessao: Sessao, *, pergunta: bool) -> Callable[..., Resultado]:
        return sessao.aberta.cliente.estornar

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.estornos(palco, quantas)

    def no_livro(self, operacao: Operacao) -> NoLivro | None:
        return ensaio.do_estorno(operacao)

    def depois_da_recusa(self, titulo: Titulo, mensagem: str) -> None:
        notas.avisar(titulo, mensagem)

    def por_que_nao(self, titulo: Titulo, operacao: Operacao) -> str:
        match reler(Estorno, operacao.pedido["corpo"]).operacao:
            case OperacaoEstorno.CANCELAMENTO:
                return atos.por_que_nao_cancelar(titulo)
            case OperacaoEstorno.ESTORNO:
                return atos.por_que_nao_estornar(titulo)
        return atos.por_que_nao_mover(titulo)

    def aplicar(self, operacao: Operacao, resposta: Resultado) -> dict[str, Any]:
        titulo, corpo = registro.travado(operacao.pedido["titulo"]), reler(Estorno, operacao.pedido["corpo"])
        assert corpo.data is not None  # noqa: S101 - of every reversal
        if titulo.em_curso_id == operacao.pk:
            if corpo.operacao is OperacaoEstorno.MOVIMENTO:
                movimento = Movimento.objects.get(pk=operacao.pedido["movimento"])
                registro.movimento_desfeito(
                    titulo, movimento, operacao, resposta, referencia=corpo.referencia, data=corpo.data
                )
            else:
                registro.desfeito(
                    titulo,
                    operacao,
                    cancela=corpo.operacao is OperacaoEstorno.CANCELAMENTO,
                    referencia=corpo.referencia,
                    data=corpo.data,
                    texto=corpo.historico,
                )
            notas.acompanhar(titulo)
        return {"titulo": titulo.pk, "referencia": corpo.referencia}
