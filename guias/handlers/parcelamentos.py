"""Instalments: the five services of the eight systems, the family said by each pedido."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils import timezone

from arquivo.models import Documento
from arquivo.services import guardar
from comum.documentos import LinhaDigitavel, linha_digitavel
from comum.models import Usuario
from credentials.models import Servico
from empresas.models import Empresa
from guias.ensaio import parcelas as ensaio
from guias.handlers.base import EmVias, IntegraContadorHandler, Leitura, Lido, Sessao
from guias.handlers.respostas import em_json
from guias.models import Guia
from guias.providers import parcelamentos as servico
from guias.providers.catalogo import Servico as ServicoSerpro
from guias.providers.parcelamentos import FAMILIAS, Familia
from guias.services import barras, guia_em_pdf, pagamentos, parcelamentos, registro
from guias.services.pedidos import Pedido, partes_de
from guias.services.repeticao import repeticoes
from operacoes import motor
from operacoes.ensaio import NoLivro, Palco
from operacoes.handlers import ProximaAcao, Repeticao, registrar
from operacoes.http import Chamadas
from operacoes.models import Classe, Efeito, Operacao, Processamento
from operacoes.motor import NovaOperacao


def familia_de(pedido: Mapping[str, Any]) -> Familia:
    return FAMILIAS[pedido["familia"]]


class _DasFamilias(IntegraContadorHandler):
    servico_do_vinculo = Servico.PARCELAMENTOS

    def repetir(self, operacoes: Sequence[Operacao], usuario: Usuario) -> Mapping[int, Repeticao | str]:
        """Each family has powers of its own."""
        por_familia: dict[str, list[Operacao]] = defaultdict(list)
        for operacao in operacoes:
            por_familia[operacao.pedido["familia"]].append(operacao)
        feitas: dict[int, Repeticao | str] = {}
        for chave, lote in por_familia.items():
            feitas |= repeticoes(lote, self.servico_do_vinculo, FAMILIAS[chave].poderes)
        return feitas

    def depois(self, run: Processamento) -> ProximaAcao | None:
        return ProximaAcao("", "Voltar aos parcelamentos", reverse("guias:parcelamentos"))

    def proxima_acao(self, grupo: str, operacoes_url: str) -> ProximaAcao | None:
        # The longest name first: PARCSN is the beginning of PARCSN-ESP too.
        siglas = sorted(FAMILIAS.values(), key=lambda familia: -len(familia.sigla))
        familia = next((uma for uma in siglas if uma.sigla in grupo.upper()), None)
        if familia is not None:
            tela = replace(self.onde, sufixo=f"?familia={familia.chave}")
            return tela.acao("Consulte de novo os pedidos e as parcelas, e peça as que a Receita listar.")
        return super().proxima_acao(grupo, operacoes_url)


class _Pergunta(_DasFamilias, Leitura):
    classe = Classe.CONSULTA
    nome_no_catalogo: str

    def do_catalogo(self, pedido: Mapping[str, Any]) -> ServicoSerpro:
        return familia_de(pedido).servico(self.nome_no_catalogo)


@registrar
class ConsultarPedidos(_Pergunta):
    """Which parcelamentos of a family the contribuinte asked for."""

    tipo, rotulo = parcelamentos.LISTAR, "Consultar pedidos de parcelamento"
    nome_no_catalogo = servico.PEDIDOS

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Lido:
        return Lido(em_json(servico.pedidos(sessao.cliente, familia_de(pedido), partes_de(pedido), chamadas=chamadas)))

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.perguntas(palco, "pedidos", quantas)


@registrar
class ConsultarParcelas(_Pergunta):
    """Which instalments can be drawn now."""

    tipo, rotulo = parcelamentos.ABERTAS, "Consultar parcelas a emitir"
    opcional = False  # without it no instalment is drawn
    nome_no_catalogo = servico.PARCELAS

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Lido:
        lidas = servico.parcelas(sessao.cliente, familia_de(pedido), partes_de(pedido), chamadas=chamadas)
        return Lido(em_json(lidas))

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.perguntas(palco, "parcelas", quantas)


@registrar
class ConsultarParcelamento(_Pergunta):
    """The consolidation of one parcelamento and what was paid of it."""

    tipo, rotulo = parcelamentos.VER, "Consultar parcelamento"
    nome_no_catalogo = servico.DETALHE

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Lido:
        lido = servico.detalhe(
            sessao.cliente, familia_de(pedido), partes_de(pedido), pedido["parametros"]["numero"], chamadas=chamadas
        )
        return Lido({"parcelamento": em_json(lido)})

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.perguntas(palco, "detalhe", quantas, numero="1")


@registrar
class ConsultarPagamento(_Pergunta):
    """How one instalment was paid; a guia of ours with that number is paid from then on."""

    tipo, rotulo = parcelamentos.VER_PAGAMENTO, "Consultar pagamento de parcela"
    nome_no_catalogo = servico.PAGAMENTO

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Lido:
        parametros = pedido["parametros"]
        lido = servico.pagamento(
            sessao.cliente,
            familia_de(pedido),
            partes_de(pedido),
            parametros["numero"],
            date.fromisoformat(parametros["mes"]),
            chamadas=chamadas,
        )
        return Lido({"pagamento": em_json(lido)})

    def aplicar(self, operacao: Operacao, resposta: Lido) -> dict[str, Any]:
        pago = resposta.resposta["pagamento"]
        if pago and pago["pago_em"]:
            dia, valor = date.fromisoformat(pago["pago_em"]), Decimal(pago["valor"])
            pagamentos.marcar_pelo_parcelamento(operacao, pago["numero_das"], dia, valor)
        return super().aplicar(operacao, resposta)

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.pagamentos(palco, quantas)


@registrar
class EmitirParcela(EmVias, _DasFamilias):
    """Draw the slip of an instalment: the answer is a PDF alone, and its figures are those of its linha digitável."""

    tipo, rotulo = parcelamentos.EMITIR, "Emitir guia de parcela"
    efeito, classe = Efeito.DOCUMENTO, Classe.EMISSAO
    efeito_no_livro = "das_parcela_emitido"
    prova = ""
    onde_conferir = (
        "No portal do Simples Nacional, Parcelamento › Emissão de Parcela, a parcela pedida: baixe a guia "
        "e anexe-a aqui, "
        "ou peça outra: uma guia a mais não é dívida a mais, só custa outra chamada."
    )
    numero_da_prova = "Linha digitável da guia"
    arquivo_da_prova = "Guia da parcela (PDF)"

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> bytes:
        mes = date.fromisoformat(pedido["mes"])
        return servico.emitir(sessao.cliente, familia_de(pedido), partes_de(pedido), mes, chamadas=chamadas)

    def aplicar(self, operacao: Operacao, resposta: bytes) -> dict[str, Any]:
        """What was paid for is kept in any case: a PDF whose line cannot be read stays as a document of the empresa,
        and the answer says why it is no guia."""
        lida = barras.unica(resposta)
        if isinstance(lida, str):
            return self._guardar_sem_linha(operacao, resposta, lida)
        guia = self._registrar(operacao, resposta, lida)
        if guia.examinada_em is None:
            guia.problema = parcelamentos.diferenca_da_lista(operacao.pedido, guia.total, timezone.localdate())
            guia.examinada_em = timezone.now()  # its line is the one on the PDF
            guia.save(update_fields=["problema", "examinada_em"])
        return registro.resumo(guia)

    def _registrar(self, operacao: Operacao, pdf: bytes, linha: LinhaDigitavel) -> Guia:
        pedido, familia = operacao.pedido, familia_de(operacao.pedido)
        mes, numero = date.fromisoformat(pedido["mes"]), pedido["numero"]
        return registro.registrar(
            operacao,
            guia_em_pdf.da_linha(linha, pdf, parcelamentos.vencimento_da_parcela(mes)),
            tipo=Guia.Tipo.DAS_PARCELA,
            divida=parcelamentos.divida(familia, operacao.empresa_id or 0, numero, mes),
            competencia=mes,
            via=pedido["via"],
            codigo_barras=linha.codigo_barras,
            referencia=f"{familia.sigla} {numero}",
        )

    def _guardar_sem_linha(self, operacao: Operacao, pdf: bytes, motivo: str) -> dict[str, Any]:
        pedido = operacao.pedido
        documento = guardar(
            pdf,
            empresa=Empresa(pk=operacao.empresa_id),
            tipo=Documento.Tipo.GUIA,
            nome=f"{familia_de(pedido).sigla}-parcela-{pedido['mes'][:7]}.pdf",
            competencia=date.fromisoformat(pedido["mes"]),
            referencia=f"{pedido['familia']}:{pedido['mes'][:7]}",
        )
        return {"documentos": [str(documento.pk)], "sem_linha": motivo}

    def repetir(self, operacoes: Sequence[Operacao], usuario: Usuario) -> Mapping[int, Repeticao | str]:
        feitas = dict(super().repetir(operacoes, usuario))
        for operacao in operacoes:
            pedido = operacao.pedido
            mes = date.fromisoformat(pedido["mes"])
            divida = parcelamentos.divida(familia_de(pedido), operacao.empresa_id or 0, pedido["numero"], mes)
            suas = Guia.objects.filter(divida=divida)
            if suas.filter(paga_em__isnull=False).exists():
                feitas[operacao.pk] = "A parcela já foi paga. Veja as guias no parcelamento."
            elif suas.filter(via__gte=pedido["via"]).exists():
                feitas[operacao.pk] = "A guia desta parcela já foi emitida. Para outra, peça-a no parcelamento."
        return feitas

    def problema_da_prova(self, operacao: Operacao, numero: str) -> str:
        lida = linha_digitavel(numero)
        if not isinstance(lida, LinhaDigitavel):
            return lida.mensagem
        if not lida.documento or lida.valor is None:
            return "A linha digitável é de outra guia: a do DAS de parcela traz 0328 no segundo bloco."
        if lida.limite is not None and lida.limite < date.fromisoformat(operacao.pedido["mes"]):
            return "A guia desta linha digitável venceu antes do mês da parcela. Confira se é desta parcela."
        if lida.limite and (outra := parcelamentos.diferenca_da_lista(operacao.pedido, lida.valor, lida.limite)):
            return outra
        if Guia.objects.filter(numero=lida.documento).exclude(empresa=operacao.empresa_id).exists():
            return f"A guia {lida.documento} já está guardada em outra empresa."
        return ""

    def resolvida(self, operacao: Operacao, evidencia: str, arquivo: bytes = b"") -> dict[str, Any]:
        lida = linha_digitavel(evidencia)
        if (problema := self.problema_da_prova(operacao, evidencia)) or not isinstance(lida, LinhaDigitavel):
            raise motor.EstadoErrado(problema)
        return registro.resumo(self._registrar(operacao, arquivo, lida))

    def no_livro(self, operacao: Operacao) -> NoLivro | None:
        guia = Guia.objects.filter(operacao=operacao).first()
        return ensaio.no_livro(operacao, self.efeito_no_livro, numero=guia.numero if guia else "")

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.emissoes(palco, quantas)
