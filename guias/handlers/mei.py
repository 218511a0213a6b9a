"""PGMEI: the DAS-MEI of a month, months with a benefit, debts in active debt."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from comum.documentos import Invalido, linha_digitavel
from comum.models import Usuario
from credentials.models import Servico
from empresas.models import Empresa
from guias.ensaio import mei as ensaio
from guias.handlers.base import EmVias, IntegraContadorHandler, Leitura, Lido, Sessao
from guias.handlers.respostas import em_json
from guias.models import Consulta, Guia
from guias.providers import pgmei
from guias.providers.pgmei import DasMei, MesComBeneficio
from guias.services import mei, registro
from guias.services.das import consolidacao_das, prazo_das
from guias.services.dia_de_pagar import dia_proposto
from guias.services.pedidos import Pedido, competencia_de, partes_de
from operacoes import motor
from operacoes.ensaio import NoLivro, Palco
from operacoes.handlers import Limite, ProximaAcao, Repeticao, registrar
from operacoes.http import Chamadas
from operacoes.models import Classe, Efeito, Operacao, Processamento
from operacoes.motor import NovaOperacao

_PORTAL = "No portal do Simples Nacional, PGMEI › Emitir Guia de Pagamento (DAS), o ano e o mês"


class _UmPorVez(IntegraContadorHandler):
    """PGMEI takes one request at a time for each CNPJ and year (23099 otherwise)."""

    servico_do_vinculo = Servico.MEI

    def poderes(self) -> frozenset[str]:
        return frozenset()  # PGMEI asks for no procuração

    def limites_do_pedido(self, pedido: Mapping[str, Any], acesso: str) -> tuple[Limite, ...]:
        contribuinte, ano = pedido["partes"]["contribuinte"], self.ano_de(pedido)
        return (Limite(f"pgmei:{contribuinte}:{ano}", 10, timedelta(seconds=1), rajada=10, em_serie=True),)

    def ano_de(self, pedido: Mapping[str, Any]) -> int:
        return competencia_de(dict(pedido)).year

    def depois(self, run: Processamento) -> ProximaAcao | None:
        return ProximaAcao("", "Voltar ao MEI", reverse("guias:mei"))


class _Emissao(EmVias, _UmPorVez):
    efeito, classe = Efeito.DOCUMENTO, Classe.EMISSAO
    prova = ""
    numero_da_prova = "Linha digitável do DAS-MEI"
    arquivo_da_prova = "DAS-MEI (PDF)"

    def aplicar(self, operacao: Operacao, resposta: DasMei) -> dict[str, Any]:
        mes = competencia_de(operacao.pedido)
        lida = linha_digitavel(resposta.linha) if resposta.linha else None
        guia = registro.registrar(
            operacao,
            resposta.das,
            tipo=Guia.Tipo.DAS_MEI,
            divida=mei.divida(operacao.empresa_id or 0, mes),
            competencia=mes,
            via=operacao.pedido["via"],
            codigo_barras="" if lida is None or isinstance(lida, Invalido) else lida.codigo_barras,
        )
        if resposta.linha:
            guia.problema = _problema(resposta)
            guia.examinada_em = timezone.now()
            guia.save(update_fields=["problema", "examinada_em"])
        return registro.resumo(guia) | ({"avisos": list(resposta.avisos)} if resposta.avisos else {})

    def repetir(self, operacoes: Sequence[Operacao], usuario: Usuario) -> Mapping[int, Repeticao | str]:
        """For payment on the day proposed today, when it is overdue by now."""
        feitas = dict(super().repetir(operacoes, usuario))
        hoje = timezone.localdate()
        dia_de_pagar = dia_proposto(hoje)
        for operacao in operacoes:
            repeticao = feitas.get(operacao.pk)
            if not isinstance(repeticao, Repeticao):
                continue
            mes, via = competencia_de(operacao.pedido), operacao.pedido["via"]
            suas = Guia.objects.filter(divida=mei.divida(operacao.empresa_id or 0, mes))
            if suas.filter(paga_em__isnull=False).exists():
                feitas[operacao.pk] = "O DAS-MEI deste mês já foi pago. Veja-o na página do MEI."
                continue
            if suas.filter(via__gte=via).exists():
                feitas[operacao.pk] = "O DAS-MEI deste mês já foi emitido. Para outro, peça-o na lista do MEI."
                continue
            pedida = operacao.pedido["consolidacao"]
            dia = consolidacao_das(prazo_das(mes), dia_de_pagar)
            if pedida and date.fromisoformat(pedida) >= hoje:
                dia = date.fromisoformat(pedida)
            pedido = repeticao.pedido | {"consolidacao": dia.isoformat() if dia else None}
            feitas[operacao.pk] = Repeticao(pedido, repeticao.acesso)
        return feitas

    def problema_da_prova(self, operacao: Operacao, numero: str) -> str:
        lida = mei.das_da_linha(operacao.pedido, operacao.empresa_id or 0, numero)
        return lida.mensagem if isinstance(lida, Invalido) else ""

    def resolvida(self, operacao: Operacao, evidencia: str, arquivo: bytes = b"") -> dict[str, Any]:
        lida = mei.das_da_linha(operacao.pedido, operacao.empresa_id or 0, evidencia, arquivo)
        if isinstance(lida, Invalido):
            raise motor.EstadoErrado(lida.mensagem)
        return self.aplicar(operacao, DasMei(lida))

    def no_livro(self, operacao: Operacao) -> NoLivro | None:
        guia = Guia.objects.filter(operacao=operacao).first()
        return ensaio.no_livro(operacao, self.efeito_no_livro, numero=guia.numero if guia else "")


def _problema(resposta: DasMei) -> str:
    """Why the bar code that came cannot be used, in pt-BR; empty when its digits, number and value agree."""
    lida = linha_digitavel(resposta.linha)
    if isinstance(lida, Invalido):
        return f"O código de barras veio com erro ({lida.mensagem}) Emita o DAS-MEI em PDF."
    if lida.documento != resposta.das.numero or lida.valor != resposta.das.total:
        return "O código de barras não é deste DAS-MEI: o número ou o valor é outro. Emita o DAS-MEI em PDF."
    return ""


@registrar
class EmitirDasMei(_Emissao):
    """Draw the DAS-MEI of a month. Drawing it again is another document and another charge."""

    tipo, rotulo = mei.DAS, "Emitir DAS-MEI"
    efeito_no_livro = "das_mei_emitido"
    onde_conferir = (
        f"{_PORTAL}: o DAS pode ser emitido de novo a qualquer hora. Baixe-o e anexe-o aqui, ou peça "
        "outro: um DAS a mais "
        "não é dívida a mais, só custa outra chamada."
    )

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> DasMei:
        return pgmei.emitir(
            sessao.cliente,
            partes_de(pedido),
            competencia_de(pedido),
            consolidacao=_consolidacao(pedido),
            chamadas=chamadas,
        )

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.emissoes(palco, mei.EMISSAO, quantas)


@registrar
class EmitirBarrasMei(_Emissao):
    """The figures and the linha digitável of a DAS-MEI, without its PDF."""

    tipo, rotulo = mei.BARRAS, "Pedir código de barras do DAS-MEI"
    efeito_no_livro = "das_mei_barras"
    onde_conferir = (
        f"{_PORTAL}: emita o DAS ali e anexe-o aqui, ou peça outro: um DAS a mais não é dívida a mais, só custa outra "
        "chamada."
    )

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> DasMei:
        return pgmei.emitir_codigo_de_barras(
            sessao.cliente,
            partes_de(pedido),
            competencia_de(pedido),
            consolidacao=_consolidacao(pedido),
            chamadas=chamadas,
        )

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.emissoes(palco, mei.SO_BARRAS, quantas)


def _consolidacao(pedido: Pedido) -> date | None:
    return date.fromisoformat(pedido["consolidacao"]) if pedido["consolidacao"] else None


@registrar
class MarcarBeneficio(_UmPorVez):
    """Tell the Receita in which months the MEI had a social security benefit. The same once more changes nothing."""

    tipo, rotulo = mei.BENEFICIO, "Informar benefício do MEI"
    efeito, classe = Efeito.DOCUMENTO, Classe.EMISSAO
    muda = True
    efeito_no_livro = "beneficio_mei"
    prova = ""
    onde_conferir = f"{_PORTAL}: a coluna Benefício INSS diz se o mês está marcado. Enviar de novo não muda nada mais."
    numero_da_prova = ""

    def ano_de(self, pedido: Mapping[str, Any]) -> int:
        return int(pedido["ano"])

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> list[MesComBeneficio]:
        meses = {date(int(mes[:4]), int(mes[4:]), 1): marcado for mes, marcado in pedido["meses"].items()}
        return pgmei.marcar_beneficio(sessao.cliente, partes_de(pedido), pedido["ano"], meses, chamadas=chamadas)

    def aplicar(self, operacao: Operacao, resposta: list[MesComBeneficio]) -> dict[str, Any]:
        """What the year looks like now is kept as the answer: the months of before, and these as they are."""
        ano, servico = str(operacao.pedido["ano"]), str(pgmei.ATUBENEFICIO23)
        antes = Consulta.objects.filter(empresa=operacao.empresa_id, servico=servico, chave=ano).order_by("-pk").first()
        meses = {
            f"{mes.competencia:%Y%m}": {
                "marcado": mes.beneficio,
                "agrupado": f"{mes.agrupado:%Y%m}" if mes.agrupado else "",
            }
            for mes in resposta
        }
        Consulta.objects.create(
            empresa=Empresa(pk=operacao.empresa_id),
            servico=servico,
            chave=ano,
            parametros={"meses": operacao.pedido["meses"]},
            resposta={"meses": (antes.resposta["meses"] if antes else {}) | meses},
            operacao=operacao,
            consultada_em=timezone.now(),
        )
        return {"meses": meses}

    def resolvida(self, operacao: Operacao, evidencia: str, arquivo: bytes = b"") -> dict[str, Any]:
        """A person saw it at the portal: it stands as it was asked."""
        return self.aplicar(
            operacao,
            [
                MesComBeneficio(date(int(mes[:4]), int(mes[4:]), 1), marcado, None)
                for mes, marcado in operacao.pedido["meses"].items()
            ],
        )

    def no_livro(self, operacao: Operacao) -> NoLivro | None:
        return ensaio.do_beneficio(operacao, self.efeito_no_livro)

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.beneficios(palco, quantas)


@registrar
class ConsultarDividaAtiva(_UmPorVez, Leitura):
    """Ask which debts of a year are in active debt."""

    tipo, rotulo = mei.DIVIDA, "Consultar dívida ativa do MEI"
    classe = Classe.CONSULTA
    no_catalogo = pgmei.DIVIDAATIVA24

    def ano_de(self, pedido: Mapping[str, Any]) -> int:
        return int(pedido["parametros"]["ano"])

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Lido:
        debitos = pgmei.divida_ativa(sessao.cliente, partes_de(pedido), self.ano_de(pedido), chamadas=chamadas)
        meses = sorted({f"{debito.competencia:%Y%m}" for debito in debitos})
        return Lido({"debitos": em_json(debitos), "meses": meses})

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.perguntas(palco, mei.INSCRITOS, quantas)
