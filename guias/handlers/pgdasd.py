"""The declaration: simulate, transmit, and fetch what the Receita keeps of it."""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from arquivo.models import Documento
from arquivo.services import guardar
from empresas.calendario import somar_meses
from guias import ensaio
from guias.handlers.base import IntegraContadorHandler, Sessao, desde_o_primeiro_envio
from guias.handlers.telas import RECEITAS
from guias.models import Apuracao
from guias.providers import pgdasd
from guias.providers.interface import (
    Calculo,
    Multa,
    Recibo,
    Transmitida,
)
from guias.services import guia_em_pdf, maed
from guias.services.acoes import Acao
from guias.services.aprovacao import desaprovar, mesmos_valores
from guias.services.calculo import atualizar, reabrir, recalcular_seguintes, travar
from guias.services.das import a_pagar, ha_das, nova_operacao_das
from guias.services.dia_de_pagar import dia_proposto
from guias.services.fatos import ultimo_que_olha
from guias.services.intencoes import nova_simulacao
from guias.services.pedidos import (
    Pedido,
    competencia_de,
    declaracao_de_json,
    impressao_de,
    partes_de,
    tributos_de_json,
    tributos_para_json,
)
from operacoes import motor
from operacoes.ensaio import NoLivro, Palco, PelaTela
from operacoes.errors import OutcomeUnknown, ProviderError, ProviderRefused
from operacoes.handlers import Aconteceu, Conferencia, NaoAconteceu, ProximaAcao, registrar
from operacoes.http import Chamadas
from operacoes.models import Classe, Efeito, Operacao, Processamento
from operacoes.motor import NovaOperacao

# SERPRO's downstream time-outs answer in about a minute; a transmission seen by nobody after this long did not happen.
_DEMORA_TRANSMISSAO = timedelta(minutes=settings.PGDASD_DEMORA_MAXIMA_MINUTOS)


def _apuracao(operacao: Operacao) -> Apuracao:
    return (
        Apuracao.objects.select_for_update(of=("self",)).select_related("empresa").get(pk=operacao.pedido["apuracao"])
    )


def _guardar_multa(operacao: Operacao, apuracao: Apuracao, multa: Multa, numero: str) -> list[Documento]:
    """The notice and the DARF of a late declaration; the DARF as a Guia too, to be paid like any other."""
    # A declaration found after a doubt comes with its papers only.
    lida = guia_em_pdf.ler(multa.darf) if multa.darf and multa.guia is None else None
    guia = lida.guia if isinstance(lida, guia_em_pdf.LidaDoPdf) else multa.guia
    partes = [(multa.notificacao, Documento.Tipo.NOTIFICACAO_MAED, f"PGDASD-NOTIFICACAO-MAED-{numero}.pdf")]
    if guia is None:
        partes.append((multa.darf, Documento.Tipo.DARF_MAED, f"PGDASD-DARF-MAED-{numero}.pdf"))
    guardados = [_guardar(apuracao, conteudo, tipo, nome, numero) for conteudo, tipo, nome in partes if conteudo]
    if guia is not None and (papel := maed.registrar_guia(operacao, apuracao, guia, numero).documento) is not None:
        guardados.append(papel)
    return guardados


def _guardar(apuracao: Apuracao, conteudo: bytes, tipo: str, nome: str, referencia: str) -> Documento:
    return guardar(
        conteudo,
        empresa=apuracao.empresa,
        tipo=tipo,
        nome=nome,
        competencia=apuracao.competencia,
        referencia=referencia,
    )


def _guardar_declaracao(apuracao: Apuracao, numero: str, declaracao: bytes, recibo: bytes) -> list[Documento]:
    guardados = []
    if declaracao:
        nome = f"PGDASD-DECLARACAO-{numero}.pdf"
        apuracao.documento_declaracao = _guardar(apuracao, declaracao, Documento.Tipo.DECLARACAO, nome, numero)
        guardados.append(apuracao.documento_declaracao)
    if recibo:
        nome = f"PGDASD-RECIBO-{numero}.pdf"
        apuracao.documento_recibo = _guardar(apuracao, recibo, Documento.Tipo.RECIBO, nome, numero)
        guardados.append(apuracao.documento_recibo)
    return guardados


def _ids(documentos: list[Documento]) -> list[str]:
    return [str(documento.pk) for documento in documentos]


_RECEITAS = ("PGDASD", "Corrija as receitas indicadas.", RECEITAS)
_OUTROS_VALORES = "A simulação deu outros valores que os aprovados. Confira a diferença e aprove de novo."
_OUTRA_DECLARACAO = "A simulação é de outra declaração que a aprovada: algum dado mudou. Confira e aprove de novo."


@registrar
class Simular(IntegraContadorHandler):
    """Have the Receita compute without transmitting. Nothing is stored there, each call is charged as a declaração."""

    tipo, rotulo = "guias.pgdasd.simular", "Simular PGDAS-D"
    conserto = _RECEITAS
    efeito, classe = Efeito.DOCUMENTO, Classe.DECLARACAO
    opcional = True
    prova = ""
    onde_conferir = "Uma simulação não deixa nada na Receita: não há o que procurar lá. Basta simular de novo."

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Calculo:
        return pgdasd.simular(
            sessao.cliente, partes_de(pedido), declaracao_de_json(pedido["declaracao"]), chamadas=chamadas
        )

    def aplicar(self, operacao: Operacao, resposta: Calculo) -> dict[str, Any]:
        travar([operacao.empresa_id or 0])
        apuracao = _apuracao(operacao)
        if apuracao.versao == operacao.pedido["versao"]:
            aprovada = apuracao.impressao
            # In course it was left alone by whatever changed, and the simulation was made of what was said then: our
            # figures beside it are of now. Where that is another declaration, `impressao` still tells that it is.
            atualizar(apuracao)
            apuracao.simulado = tributos_para_json(resposta.valores)
            apuracao.total_simulado = resposta.total
            apuracao.exige_simulacao = False
            impressao = impressao_de(operacao.pedido["declaracao"])
            if apuracao.situacao == Apuracao.Situacao.ABERTA:
                apuracao.situacao = Apuracao.Situacao.SIMULADA
            elif apuracao.situacao == Apuracao.Situacao.CONFERIDA:
                outra = aprovada not in ("", impressao)
                if outra or not mesmos_valores(apuracao.simulado, apuracao.aprovado):
                    desaprovar(apuracao, _OUTRA_DECLARACAO if outra else _OUTROS_VALORES)
            apuracao.impressao = impressao
            apuracao.save()
        return {"valores": tributos_para_json(resposta.valores), "total": str(resposta.total)}

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.simulacoes(palco, quantas)

    def depois(self, run: Processamento) -> ProximaAcao:
        return ProximaAcao("", "Conferir as apurações", f"{reverse('guias:apuracao')}?situacao=simulada")

    def pela_tela(self, novas: Sequence[NovaOperacao]) -> Sequence[PelaTela]:
        return ensaio.pela_tela(Acao.SIMULAR, novas)


@registrar
class Transmitir(IntegraContadorHandler):
    """Transmit the declaration on condition that the Receita computes the approved values."""

    tipo, rotulo = "guias.pgdasd.transmitir", "Transmitir PGDAS-D"
    conserto = _RECEITAS
    efeito, classe = Efeito.UNICO, Classe.DECLARACAO
    efeito_no_livro = "declaracao_transmitida"
    demora_maxima = _DEMORA_TRANSMISSAO
    prova = (
        "Na lista de declarações do período, uma que não havia antes deste envio, transmitida depois dele; o número "
        "dela é a prova."
    )
    onde_conferir = (
        "No portal do Simples Nacional, PGDAS-D e DEFIS › Consultar Declarações (com o certificado ou a procuração do "
        "escritório), o ano e o mês da competência: uma declaração transmitida no dia e na hora do envio, ou depois. "
        "O número tem 17 posições: a raiz do CNPJ, o período (AAAAMM) e a sequência."
    )
    numero_da_prova = "Número da declaração"
    arquivo_da_prova = "Recibo da declaração (PDF)"

    campos_das_chamadas = ("comparar", "emitir_das")

    def chamadas_previstas(self, pedido: Mapping[str, Any]) -> Sequence[Classe]:
        """With the DAS that follows, where there is one to draw."""
        aprovado = sum((Decimal(valor) for valor in pedido.get("comparar", {}).values()), Decimal(0))
        com_das = pedido.get("emitir_das") and ha_das(aprovado)
        return (Classe.DECLARACAO, Classe.EMISSAO) if com_das else (Classe.DECLARACAO,)

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Transmitida:
        try:
            return pgdasd.transmitir(
                sessao.cliente,
                partes_de(pedido),
                declaracao_de_json(pedido["declaracao"]),
                comparar=tributos_de_json(pedido["comparar"]),
                chamadas=chamadas,
            )
        except ProviderRefused as recusa:
            # The refusal of a repeat may only mean that an earlier sending landed after all.
            if sessao.primeiro_envio is None:
                raise
            try:
                achada = _procurar(pedido, sessao, chamadas)
            except ProviderError as erro:  # no word of the refusal, and no proof against the earlier sending
                raise OutcomeUnknown(
                    "A Receita recusou o reenvio, e não foi possível conferir se o envio anterior aconteceu: "
                    f"{erro.mensagem}",
                    codigo=recusa.codigo,
                    texto=recusa.texto,
                ) from erro
            if achada is None:
                raise
            return achada

    def conferir(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Conferencia:
        achada = _procurar(pedido, sessao, chamadas)
        if achada is None:
            return NaoAconteceu("A Receita não tem a declaração.")
        return Aconteceu(achada)

    def aplicar(self, operacao: Operacao, resposta: Transmitida) -> dict[str, Any]:
        travar([operacao.empresa_id or 0])
        apuracao, pedido = _apuracao(operacao), operacao.pedido
        valores = resposta.valores or tributos_de_json(pedido["comparar"])
        apuracao.situacao = Apuracao.Situacao.TRANSMITIDA
        apuracao.declarado = tributos_para_json(valores)
        apuracao.total_declarado = sum(valores.values(), Decimal(0))
        apuracao.id_declaracao = resposta.id_declaracao
        apuracao.transmitida_em = resposta.transmitida_em
        # Those of the declaration that this one replaces; they stay in the archive.
        apuracao.documento_declaracao = apuracao.documento_recibo = None
        documentos = _guardar_declaracao(apuracao, resposta.id_declaracao, resposta.declaracao, resposta.recibo)
        if resposta.multa is not None:
            documentos += _guardar_multa(operacao, apuracao, resposta.multa, resposta.id_declaracao)
        apuracao.save()
        # Declarations after it no longer tell this month, which the Receita now has; those in course were sent already.
        seguinte, ultima = somar_meses(apuracao.competencia, 1), ultimo_que_olha(apuracao.competencia)
        recalcular_seguintes([apuracao.empresa], seguinte, ultima, None)
        if pedido["emitir_das"] and ha_das(a_pagar(apuracao)):
            das = nova_operacao_das(
                apuracao,
                partes_de(pedido),
                acesso=operacao.acesso,
                via=1,
                prazo=operacao.prazo,
                pagamento=dia_proposto(timezone.localdate()),
            )
            motor.submeter([das], usuario=operacao.usuario, processamento=operacao.processamento, segue=True)
        return {
            "id_declaracao": resposta.id_declaracao,
            "total": str(apuracao.total_declarado),
            "documentos": _ids(documentos),
        } | ({"avisos": list(resposta.avisos)} if resposta.avisos else {})

    def problema_da_prova(self, operacao: Operacao, numero: str) -> str:
        achado = _numero_em(numero)
        if achado in operacao.pedido["conhecidas"]:
            return f"A declaração {achado} já existia antes deste envio e não prova que ele aconteceu."
        return _problema_do_numero(operacao.pedido, achado)

    def resolvida(self, operacao: Operacao, evidencia: str, arquivo: bytes = b"") -> dict[str, Any]:
        """`evidencia` names the declaration, `arquivo` is its receipt; what is missing is fetched by BuscarRecibo."""
        achada = Transmitida(_numero_em(evidencia) or evidencia[:17], None, {}, b"", arquivo)
        return self.aplicar(operacao, achada)

    def recusada(self, operacao: Operacao) -> None:
        """Where the Receita computed other values, what was approved no longer holds, nor what was simulated before:
        the apuração goes back to be simulated and checked, as another version."""
        if not _valores_diferem(operacao.codigo):
            return
        apuracao = _apuracao(operacao)
        if apuracao.situacao != Apuracao.Situacao.CONFERIDA:
            return
        reabrir(apuracao)
        apuracao.exige_simulacao = True
        apuracao.save()
        if operacao.pedido.get("simular_se_diferir"):
            self._simular(operacao, apuracao)

    def _simular(self, operacao: Operacao, apuracao: Apuracao) -> None:
        """The economical way: only what the Receita refused, free of charge, is simulated; then a person looks at both
        values. The receitas are those of the refused pedido: who changes them finds the apuração held."""
        simulacao = nova_simulacao(
            apuracao,
            operacao.pedido["declaracao"],
            partes_de(operacao.pedido),
            acesso=operacao.acesso,
            prazo=operacao.prazo,
        )
        motor.submeter([simulacao], usuario=operacao.usuario, processamento=operacao.processamento)

    def repetivel(self, grupo: str) -> bool:
        """Other values are refused again: the way on is a simulation, not a repeat."""
        return super().repetivel(grupo) and not _valores_diferem(grupo)

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.transmissoes(palco, quantas)

    def pela_tela(self, novas: Sequence[NovaOperacao]) -> Sequence[PelaTela]:
        com_das = [nova for nova in novas if nova.pedido["emitir_das"]]
        sem_das = [nova for nova in novas if not nova.pedido["emitir_das"]]
        return [
            *ensaio.pela_tela(Acao.TRANSMITIR, com_das),
            *ensaio.pela_tela(Acao.TRANSMITIR, sem_das, sem=frozenset({"emitir_das"})),
        ]

    def no_livro(self, operacao: Operacao) -> NoLivro | None:
        apuracao = Apuracao.objects.get(pk=operacao.pedido["apuracao"])
        transmitida = apuracao.situacao == Apuracao.Situacao.TRANSMITIDA
        numero = apuracao.id_declaracao if transmitida else ""
        return ensaio.no_livro(operacao, self.efeito_no_livro, numero=numero, tambem=("maed_lancada",))


_NUMERO = re.compile(r"[0-9A-Z]{8}\d{9}")


def _numero_em(texto: str) -> str:
    """The number of a declaration within what a person typed, or empty."""
    achado = _NUMERO.search(texto.upper()) or _NUMERO.search(re.sub(r"[\s./-]", "", texto).upper())
    return achado[0] if achado else ""


def _problema_do_numero(pedido: Pedido, numero: str) -> str:
    comeco = f"{partes_de(pedido).contribuinte[:8]}{competencia_de(pedido):%Y%m}"
    if not numero:
        return f"O número da declaração tem 17 posições e começa por {comeco}. Copie-o do recibo ou da consulta."
    if not numero.startswith(comeco):
        return (
            f"A declaração {numero} não é desta empresa nesta competência: o número dela começaria por {comeco}. "
            "Confira o período consultado."
        )
    return ""


def _valores_diferem(codigo: str) -> bool:
    return "PGDASD-MSG_ISN_035" in codigo.upper()


def _procurar(pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Transmitida | None:
    """The declaration of this pedido at the Receita: one not known before, transmitted since the first sending."""
    partes, competencia = partes_de(pedido), competencia_de(pedido)
    periodo = pgdasd.periodo(sessao.cliente, partes, competencia, chamadas=chamadas)
    desde = desde_o_primeiro_envio(sessao, periodo.agora)
    novas = [
        declaracao
        for declaracao in periodo.declaracoes
        if declaracao.numero not in pedido["conhecidas"] and declaracao.transmitida_em >= desde
    ]
    if not novas:
        return None
    achada = max(novas, key=lambda declaracao: declaracao.numero)
    recibo = pgdasd.ultima_declaracao(sessao.cliente, partes, competencia, chamadas=chamadas)
    mesma = recibo if recibo is not None and recibo.numero == achada.numero else None
    return Transmitida(
        id_declaracao=achada.numero,
        transmitida_em=achada.transmitida_em,
        valores={},
        declaracao=mesma.declaracao if mesma else b"",
        recibo=mesma.recibo if mesma else b"",
        multa=mesma.multa if mesma else None,
    )


@registrar
class BuscarRecibo(IntegraContadorHandler):
    """Fetch declaration and receipt of the last declaration of a competência and keep them."""

    tipo, rotulo = "guias.pgdasd.recibo", "Buscar declaração e recibo"
    efeito, classe = Efeito.DOCUMENTO, Classe.CONSULTA
    prova = ""
    onde_conferir = (
        "No portal do Simples Nacional, PGDAS-D e DEFIS › Consultar Declarações: baixe o recibo da última declaração "
        "do período e anexe-o aqui, ou peça-o de novo."
    )
    numero_da_prova = "Número da declaração"
    arquivo_da_prova = "Recibo da declaração (PDF)"

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Recibo:
        recibo = pgdasd.ultima_declaracao(sessao.cliente, partes_de(pedido), competencia_de(pedido), chamadas=chamadas)
        if recibo is None:
            raise ProviderRefused("A Receita não tem declaração transmitida para o período.")
        return recibo

    def aplicar(self, operacao: Operacao, resposta: Recibo) -> dict[str, Any]:
        apuracao = _apuracao(operacao)
        if apuracao.id_declaracao not in ("", resposta.numero):
            return {"numero": resposta.numero, "documentos": []}
        documentos = _guardar_declaracao(apuracao, resposta.numero, resposta.declaracao, resposta.recibo)
        if resposta.multa is not None:
            documentos += _guardar_multa(operacao, apuracao, resposta.multa, resposta.numero)
        apuracao.save()
        return {"numero": resposta.numero, "documentos": _ids(documentos)}

    def problema_da_prova(self, operacao: Operacao, numero: str) -> str:
        return _problema_do_numero(operacao.pedido, _numero_em(numero))

    def resolvida(self, operacao: Operacao, evidencia: str, arquivo: bytes = b"") -> dict[str, Any]:
        return self.aplicar(operacao, Recibo(_numero_em(evidencia) or evidencia[:17], b"", arquivo))

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.perguntas(palco, self.tipo, quantas)
