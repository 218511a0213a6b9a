"""The DAS of a declaration and its statement."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.urls import reverse

from arquivo.models import Documento
from arquivo.services import guardar
from comum.documentos import Invalido
from credentials.models import Servico
from guias import ensaio
from guias.handlers.base import EmVias, IntegraContadorHandler, Sessao, empresa_de
from guias.models import Guia
from guias.providers import pgdasd
from guias.providers.interface import (
    DasEmitido,
)
from guias.services import registro
from guias.services.acoes import Acao
from guias.services.das import das_da_linha, divida_do_das
from guias.services.pedidos import (
    Pedido,
    competencia_de,
    partes_de,
)
from operacoes import motor
from operacoes.ensaio import NoLivro, Palco, PelaTela
from operacoes.handlers import ProximaAcao, registrar
from operacoes.http import Chamadas
from operacoes.models import Classe, Efeito, Operacao, Processamento
from operacoes.motor import NovaOperacao


@registrar
class EmitirDas(EmVias, IntegraContadorHandler):
    """Draw the DAS of a transmitted declaration. Drawing it again is another document and another charge."""

    tipo, rotulo = "guias.das.emitir", "Emitir DAS"
    efeito, classe = Efeito.DOCUMENTO, Classe.EMISSAO
    servico_do_vinculo = Servico.DAS
    efeito_no_livro = "das_emitido"
    prova = ""
    onde_conferir = (
        "No portal do Simples Nacional, PGDAS-D e DEFIS › Consultar Declarações, o mês da competência: cada DAS gerado "
        "aparece com número, data e hora. Baixe-o e anexe-o aqui, ou peça outro: um DAS a mais não é dívida a mais, só "
        "custa outra chamada."
    )
    numero_da_prova = "Linha digitável do DAS"
    arquivo_da_prova = "DAS (PDF)"

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> DasEmitido:
        consolidacao = pedido["consolidacao"]
        return pgdasd.emitir_das(
            sessao.cliente,
            partes_de(pedido),
            competencia_de(pedido),
            consolidacao=date.fromisoformat(consolidacao) if consolidacao else None,
            chamadas=chamadas,
        )

    def aplicar(self, operacao: Operacao, resposta: DasEmitido) -> dict[str, Any]:
        pedido = operacao.pedido
        guia = registro.registrar(
            operacao,
            resposta,
            tipo=Guia.Tipo.DAS,
            divida=divida_do_das(pedido["apuracao"]),
            competencia=competencia_de(pedido),
            via=pedido["via"],
            revisao=pedido["revisao"],
            apuracao=pedido["apuracao"],
        )
        return registro.resumo(guia)

    def problema_da_prova(self, operacao: Operacao, numero: str) -> str:
        lido = das_da_linha(operacao.pedido, numero)
        return lido.mensagem if isinstance(lido, Invalido) else ""

    def resolvida(self, operacao: Operacao, evidencia: str, arquivo: bytes = b"") -> dict[str, Any]:
        lido = das_da_linha(operacao.pedido, evidencia, arquivo)
        if isinstance(lido, Invalido):
            raise motor.EstadoErrado(lido.mensagem)
        return self.aplicar(operacao, lido)

    def depois(self, run: Processamento) -> ProximaAcao:
        return ProximaAcao("", "Abrir as guias", reverse("guias:lista"))

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.emissoes(palco, quantas)

    def pela_tela(self, novas: Sequence[NovaOperacao]) -> Sequence[PelaTela]:
        return ensaio.pela_tela(Acao.EMITIR_DAS, novas)

    def no_livro(self, operacao: Operacao) -> NoLivro | None:
        guia = Guia.objects.filter(operacao=operacao).first()
        return ensaio.no_livro(operacao, self.efeito_no_livro, numero=guia.numero if guia else "")


@registrar
class BuscarExtrato(IntegraContadorHandler):
    """Fetch the statement of one DAS and keep it."""

    tipo, rotulo = "guias.pgdasd.extrato", "Buscar extrato do DAS"
    efeito, classe = Efeito.DOCUMENTO, Classe.CONSULTA
    prova = ""
    onde_conferir = (
        "No portal do Simples Nacional, PGDAS-D e DEFIS › Consultar Declarações, o mês da competência: baixe o extrato "
        "do DAS e anexe-o aqui, ou peça-o de novo."
    )
    numero_da_prova = ""
    arquivo_da_prova = "Extrato do DAS (PDF)"

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> bytes:
        return pgdasd.extrato(sessao.cliente, partes_de(pedido), pedido["numero"], chamadas=chamadas)

    def aplicar(self, operacao: Operacao, resposta: bytes) -> dict[str, Any]:
        numero, empresa = operacao.pedido["numero"], empresa_de(operacao)
        extrato = guardar(
            resposta,
            empresa=empresa,
            tipo=Documento.Tipo.EXTRATO,
            nome=f"PGDASD-EXTRATO-{numero}.pdf",
            competencia=competencia_de(operacao.pedido),
            referencia=numero,
        )
        # Of a DAS drawn elsewhere there is no guia: the statement is found by its number.
        Guia.objects.filter(empresa=empresa, numero=numero).update(extrato=extrato)
        return {"numero": numero, "documentos": [str(extrato.pk)]}

    def resolvida(self, operacao: Operacao, evidencia: str, arquivo: bytes = b"") -> dict[str, Any]:
        return self.aplicar(operacao, arquivo)

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.extratos(palco, quantas)
