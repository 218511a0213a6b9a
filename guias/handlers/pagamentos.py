"""Payments that the Receita knows of, how many, and their proof."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse

from arquivo.models import Documento
from arquivo.services import guardar
from credentials.models import Servico
from guias.ensaio import pagamentos as ensaio
from guias.handlers.base import IntegraContadorHandler, Leitura, Lido, Sessao
from guias.models import Guia
from guias.providers import pagtoweb
from guias.providers.pagtoweb import Arrecadado, Filtro
from guias.services import buscas, pagamentos
from guias.services.pedidos import Pedido, partes_de
from operacoes.ensaio import NoLivro, Palco, PelaTela
from operacoes.handlers import ProximaAcao, registrar
from operacoes.http import Chamadas
from operacoes.models import Classe, Efeito, Operacao, Processamento
from operacoes.motor import NovaOperacao


@dataclass(frozen=True)
class Pagos(Lido):
    pagos: tuple[Arrecadado, ...] = ()


def _filtro(pedido: Pedido) -> Filtro:
    if numeros := pedido.get("numeros"):
        return Filtro(numeros=tuple(numeros))
    return Filtro(desde=date.fromisoformat(pedido["desde"]), ate=date.fromisoformat(pedido["ate"]))


class _DePagamentos(Leitura):
    classe = Classe.CONSULTA
    servico_do_vinculo = Servico.PAGAMENTOS

    def depois(self, run: Processamento) -> ProximaAcao:
        return ProximaAcao("", "Abrir as guias", reverse("guias:lista"))


@registrar
class BuscarPagamentos(_DePagamentos):
    """Every page of what was paid by an empresa in an interval, or of some documents; its guias become paid."""

    tipo, rotulo = buscas.TIPO_BUSCAR, "Buscar pagamentos"
    no_catalogo = pagtoweb.PAGAMENTOS71

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Pagos:
        achados = pagtoweb.todos(sessao.cliente, partes_de(pedido), _filtro(pedido), chamadas=chamadas)
        return Pagos({"pagamentos": [pagamentos.para_json(pago) for pago in achados]}, pagos=tuple(achados))

    def aplicar(self, operacao: Operacao, resposta: Lido) -> dict[str, Any]:
        assert isinstance(resposta, Pagos)  # noqa: S101 - what `enviar` returns
        resumo = super().aplicar(operacao, resposta)
        guias = pagamentos.registrar(operacao, resposta.pagos)
        return resumo | {"pagamentos": len(resposta.pagos), "guias": [guia.pk for guia in guias]}

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.perguntas(palco, buscas.BUSCAR, quantas)

    def pela_tela(self, novas: Sequence[NovaOperacao]) -> Sequence[PelaTela]:
        return ensaio.buscas_pela_tela(novas)


@registrar
class ContarPagamentos(_DePagamentos):
    tipo, rotulo = buscas.TIPO_CONTAR, "Contar pagamentos"
    no_catalogo = pagtoweb.CONTACONSDOCARRPG73

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Lido:
        return Lido({"quantos": pagtoweb.contar(sessao.cliente, partes_de(pedido), _filtro(pedido), chamadas=chamadas)})

    def aplicar(self, operacao: Operacao, resposta: Lido) -> dict[str, Any]:
        return super().aplicar(operacao, resposta) | resposta.resposta

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.perguntas(palco, buscas.CONTAR, quantas)


@registrar
class BuscarComprovante(IntegraContadorHandler):
    """Draw the proof of the payment of one guia and keep it."""

    tipo, rotulo = "guias.pagtoweb.comprovante", "Buscar comprovante de arrecadação"
    efeito, classe = Efeito.DOCUMENTO, Classe.EMISSAO
    servico_do_vinculo = Servico.PAGAMENTOS
    opcional = True
    efeito_no_livro = "comprovante_emitido"
    prova = ""
    onde_conferir = (
        "No e-CAC, Pagamentos e Parcelamentos › Consulta Comprovante de Pagamento: baixe o comprovante da guia e "
        "anexe-o aqui, ou peça-o de novo."
    )
    numero_da_prova = ""
    arquivo_da_prova = "Comprovante de arrecadação (PDF)"

    def poderes(self) -> frozenset[str]:
        return pagtoweb.COMPARRECADACAO72.poderes

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> bytes:
        return pagtoweb.comprovante(sessao.cliente, partes_de(pedido), pedido["numero"], chamadas=chamadas)

    def aplicar(self, operacao: Operacao, resposta: bytes) -> dict[str, Any]:
        guia = Guia.objects.select_for_update(of=("self",)).select_related("empresa").get(pk=operacao.pedido["guia"])
        guia.comprovante = guardar(
            resposta,
            empresa=guia.empresa,
            tipo=Documento.Tipo.COMPROVANTE,
            nome=f"COMPROVANTE-{guia.numero}.pdf",
            competencia=guia.competencia,
            referencia=guia.numero,
        )
        guia.save(update_fields=["comprovante"])
        return {"numero": guia.numero, "documentos": [str(guia.comprovante.pk)]}

    def resolvida(self, operacao: Operacao, evidencia: str, arquivo: bytes = b"") -> dict[str, Any]:
        return self.aplicar(operacao, arquivo)

    def depois(self, run: Processamento) -> ProximaAcao:
        return ProximaAcao("", "Abrir as guias", reverse("guias:lista"))

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.comprovantes(palco, quantas)

    def no_livro(self, operacao: Operacao) -> NoLivro | None:
        return ensaio.do_documento(operacao, self.efeito_no_livro, operacao.pedido["numero"])
