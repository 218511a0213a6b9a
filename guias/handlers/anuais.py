"""What is told to the Receita once a year: the DEFIS and the option of regime, and what it has of them."""

from collections.abc import Callable, Sequence
from typing import Any

from django.urls import reverse
from django.utils import timezone

from arquivo.models import Documento
from arquivo.services import guardar
from credentials.models import Servico
from guias.ensaio import receita as ensaio
from guias.handlers.base import IntegraContadorHandler, Leitura, Lido, Sessao, desde_o_primeiro_envio, empresa_de
from guias.handlers.telas import ANUAIS
from guias.models import DeclaracaoDefis, OpcaoRegime, RascunhoDefis
from guias.providers import defis, regime
from guias.providers.defis import DefisDoContribuinte, DefisTransmitida
from guias.providers.regime import OpcaoLida
from guias.services import defis as preenchimento
from guias.services import regime as reconhecimento
from guias.services.acoes import Acao
from guias.services.pedidos import Pedido, partes_de
from operacoes.ensaio import NoLivro, Palco, PelaTela
from operacoes.errors import OutcomeUnknown, ProviderError, ProviderRefused
from operacoes.handlers import Aconteceu, Conferencia, NaoAconteceu, ProximaAcao, registrar
from operacoes.http import Chamadas
from operacoes.models import Classe, Efeito, Operacao, Processamento
from operacoes.motor import NovaOperacao


class _Anual(IntegraContadorHandler):
    servico_do_vinculo = Servico.ANUAIS

    def depois(self, run: Processamento) -> ProximaAcao:
        return ProximaAcao("", "Abrir obrigações anuais", reverse("guias:anuais"), em_qualquer_mes=True)


class _LeituraAnual(_Anual, Leitura):
    classe = Classe.CONSULTA


def _guardar(operacao: Operacao, conteudo: bytes, tipo: str, nome: str, ano: int, referencia: str) -> Documento:
    return guardar(
        conteudo,
        empresa=empresa_de(operacao),
        tipo=tipo,
        nome=nome,
        competencia=timezone.localdate().replace(year=ano, month=12, day=1),
        referencia=referencia,
    )


# -- DEFIS ------------------------------------------------------------------------------------------------------------


def _registrar_defis(operacao: Operacao, ano: int, lida: DefisTransmitida, **campos: Any) -> list[str]:
    """The row of a DEFIS with what of its PDFs came; returns the ids of the documents."""
    declaracao, _ = DeclaracaoDefis.objects.select_for_update().get_or_create(
        numero=lida.numero, defaults={"empresa": empresa_de(operacao), "ano": ano, **campos}
    )
    documentos = []
    partes = (
        ("declaracao", lida.declaracao, Documento.Tipo.DEFIS, "DEFIS-DECLARACAO"),
        ("recibo", lida.recibo, Documento.Tipo.DEFIS_RECIBO, "DEFIS-RECIBO"),
    )
    for campo, conteudo, tipo, nome in partes:
        if conteudo and getattr(declaracao, f"{campo}_id") is None:
            documento = _guardar(operacao, conteudo, tipo, f"{nome}-{ano}-{lida.numero}.pdf", ano, lida.numero)
            setattr(declaracao, campo, documento)
            documentos.append(str(documento.pk))
    declaracao.save()
    return documentos


@registrar
class TransmitirDefis(_Anual):
    """Transmit the DEFIS as it was approved. Sent twice it would be a retificadora: never without asking first."""

    tipo, rotulo = "guias.defis.transmitir", "Transmitir DEFIS"
    conserto = ("DEFIS", "Corrija a DEFIS e transmita de novo.", ANUAIS)
    efeito, classe = Efeito.UNICO, Classe.DECLARACAO
    efeito_no_livro = "defis_transmitida"
    prova = "A lista de DEFIS da Receita mostra uma do ano que não era conhecida, transmitida desde o envio."
    onde_conferir = (
        "No portal do Simples Nacional, PGDAS-D e DEFIS › DEFIS › Consultar: a declaração do ano-calendário, com "
        "número de 15 algarismos, data e hora."
    )
    numero_da_prova = "Número da DEFIS"
    arquivo_da_prova = "Recibo da DEFIS (PDF)"

    def poderes(self) -> frozenset[str]:
        return defis.TRANSDECLARACAO141.poderes

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> DefisTransmitida:
        try:
            return defis.transmitir(
                sessao.cliente, partes_de(pedido), preenchimento.de_json(pedido["defis"]), chamadas=chamadas
            )
        except ProviderRefused as recusa:
            if sessao.primeiro_envio is None:
                raise
            achada = _conferindo(recusa, lambda: _procurar_defis(pedido, sessao, chamadas))
            if achada is None:
                raise
            return achada

    def conferir(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Conferencia:
        achada = _procurar_defis(pedido, sessao, chamadas)
        return NaoAconteceu("A Receita não tem a DEFIS.") if achada is None else Aconteceu(achada)

    def aplicar(self, operacao: Operacao, resposta: DefisTransmitida) -> dict[str, Any]:
        pedido, ano = operacao.pedido, operacao.pedido["ano"]
        especial = 2 if pedido["defis"]["evento"] else 0
        documentos = _registrar_defis(
            operacao,
            ano,
            resposta,
            tipo=(2 if pedido["conhecidas"] else 1) + especial,
            transmitida_em=timezone.now(),
        )
        RascunhoDefis.objects.filter(empresa=operacao.empresa_id, ano=ano).delete()
        return {"numero": resposta.numero, "ano": ano, "documentos": documentos}

    def problema_da_prova(self, operacao: Operacao, numero: str) -> str:
        limpo = numero.strip()
        if not limpo.isdecimal() or len(limpo) != 15:
            return "O número da DEFIS tem 15 algarismos. Copie-o do recibo ou da consulta."
        if limpo in operacao.pedido["conhecidas"]:
            return f"A DEFIS {limpo} já existia antes deste envio e não prova que ele aconteceu."
        return ""

    def resolvida(self, operacao: Operacao, evidencia: str, arquivo: bytes = b"") -> dict[str, Any]:
        return self.aplicar(operacao, DefisTransmitida(evidencia.strip()[:15], b"", arquivo))

    def repetivel(self, grupo: str) -> bool:
        """What was filled in wrongly is corrected on its page and transmitted from there."""
        return super().repetivel(grupo) and "DEFIS-MSG" not in grupo.upper()

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.transmissoes_de_defis(palco, quantas)

    def no_livro(self, operacao: Operacao) -> NoLivro | None:
        return ensaio.no_livro(operacao, self.efeito_no_livro, pa=str(operacao.pedido["ano"]))


def _conferindo[T](recusa: ProviderRefused, procurar: Callable[[], T]) -> T:
    """What the service has of an earlier sending, before the refusal of the repeat is believed."""
    try:
        return procurar()
    except ProviderError as erro:
        raise OutcomeUnknown(
            "A Receita recusou o reenvio, e não foi possível conferir se o envio anterior aconteceu: " + erro.mensagem,
            codigo=recusa.codigo,
            texto=recusa.texto,
        ) from erro


def _procurar_defis(pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> DefisTransmitida | None:
    """A DEFIS of the year, not known before and transmitted since the first sending, with its PDFs."""
    partes, ano = partes_de(pedido), pedido["ano"]
    lidas = defis.transmitidas(sessao.cliente, partes, chamadas=chamadas)
    desde = desde_o_primeiro_envio(sessao, lidas.agora)
    novas = [
        lida
        for lida in lidas.declaracoes
        if lida.ano == ano and lida.numero not in pedido["conhecidas"] and lida.transmitida_em >= desde
    ]
    if not novas:
        return None
    achada = max(novas, key=lambda lida: lida.numero)
    ultima = defis.ultima(sessao.cliente, partes, ano, chamadas=chamadas)
    return ultima if ultima is not None and ultima.numero == achada.numero else DefisTransmitida(achada.numero)


@registrar
class ConsultarDefis(_LeituraAnual):
    """Ask which DEFIS the Receita has of the empresa."""

    tipo, rotulo = "guias.defis.consultar", "Consultar DEFIS transmitidas"
    no_catalogo = defis.CONSDECLARACAO142

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> DefisDoContribuinte:
        return defis.transmitidas(sessao.cliente, partes_de(pedido), chamadas=chamadas)

    def aplicar(self, operacao: Operacao, resposta: DefisDoContribuinte) -> dict[str, Any]:
        for lida in resposta.declaracoes:
            DeclaracaoDefis.objects.update_or_create(
                numero=lida.numero,
                defaults={"tipo": lida.tipo, "transmitida_em": lida.transmitida_em},
                create_defaults={
                    "empresa": empresa_de(operacao),
                    "ano": lida.ano,
                    "tipo": lida.tipo,
                    "transmitida_em": lida.transmitida_em,
                },
            )
        anos = sorted({lida.ano for lida in resposta.declaracoes})
        self.guardar(operacao, Lido({"anos": anos}))
        return {"anos": anos}

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.perguntas(palco, Acao.DEFIS, quantas)

    def pela_tela(self, novas: Sequence[NovaOperacao]) -> Sequence[PelaTela]:
        return ensaio.pela_tela(Acao.DEFIS, novas)


@registrar
class ConsultarUltimaDefis(_LeituraAnual):
    """Ask for the last DEFIS of a year, and keep its declaration and receipt."""

    tipo, rotulo = "guias.defis.ultima", "Consultar a última DEFIS do ano"
    no_catalogo = defis.CONSULTIMADECREC143

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> DefisTransmitida | None:
        return defis.ultima(sessao.cliente, partes_de(pedido), pedido["ano"], chamadas=chamadas)

    def aplicar(self, operacao: Operacao, resposta: DefisTransmitida | None) -> dict[str, Any]:
        numero = resposta.numero if resposta else ""
        documentos = _registrar_defis(operacao, operacao.pedido["ano"], resposta) if resposta else []
        self.guardar(operacao, Lido({"numero": numero}))
        return {"numero": numero, "documentos": documentos}

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.ultimas_defis(palco, quantas)

    def pela_tela(self, novas: Sequence[NovaOperacao]) -> Sequence[PelaTela]:
        anos = {nova.pedido["chave"] for nova in novas}
        return [tela for ano in anos for tela in ensaio.pela_tela(Acao.ULTIMA_DEFIS, novas, ano=ano)]


@registrar
class BuscarDefis(_LeituraAnual):
    """Fetch declaration and receipt of one DEFIS and keep them."""

    tipo, rotulo = "guias.defis.documentos", "Buscar declaração e recibo da DEFIS"
    no_catalogo = defis.CONSDECREC144

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> DefisTransmitida:
        lida = defis.por_numero(sessao.cliente, partes_de(pedido), pedido["numero"], chamadas=chamadas)
        if lida is None:
            raise ProviderRefused("A Receita não tem esta DEFIS. Consulte a lista de DEFIS da empresa.")
        return lida

    def aplicar(self, operacao: Operacao, resposta: DefisTransmitida) -> dict[str, Any]:
        documentos = _registrar_defis(operacao, operacao.pedido["ano"], resposta)
        return {"numero": resposta.numero, "documentos": documentos}

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.defis_a_buscar(palco, quantas)


# -- regime -----------------------------------------------------------------------------------------------------------


def _registrar_opcao(operacao: Operacao, lida: OpcaoLida) -> list[str]:
    regime_lido = OpcaoRegime.Regime(lida.regime)
    opcao = reconhecimento.registrar_da_receita(empresa_de(operacao), lida.ano, regime_lido, lida.feita_em)
    documentos = []
    if lida.demonstrativo and opcao.demonstrativo_id is None:
        nome = f"REGIME-{lida.ano}-{lida.regime}.pdf"
        documento = _guardar(operacao, lida.demonstrativo, Documento.Tipo.REGIME, nome, lida.ano, str(lida.ano))
        opcao.demonstrativo = documento
        opcao.save(update_fields=["demonstrativo"])
        documentos.append(str(documento.pk))
    return documentos


@registrar
class OptarRegime(_Anual):
    """Make the option of a year: once, for the whole year."""

    tipo, rotulo = "guias.regime.optar", "Optar pelo regime de apuração"
    conserto = ("REGIME", "Confira a opção do ano.", ANUAIS)
    efeito, classe = Efeito.UNICO, Classe.DECLARACAO
    efeito_no_livro = "regime_optado"
    prova = "A consulta da opção do ano mostra o regime escolhido."
    onde_conferir = (
        "No portal do Simples Nacional, Simples – Serviços › Opção pelo Regime de Apuração de Receitas › Consultar: a "
        "opção do ano-calendário, com data e hora."
    )
    numero_da_prova = "Regime que consta na Receita (CAIXA ou COMPETENCIA)"

    def poderes(self) -> frozenset[str]:
        return regime.EFETUAROPCAOREGIME101.poderes

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> OpcaoLida:
        ano, escolhido = pedido["ano"], pedido["regime"]
        try:
            return regime.optar(sessao.cliente, partes_de(pedido), ano, escolhido, chamadas=chamadas)
        except ProviderRefused as recusa:
            if sessao.primeiro_envio is None:
                raise
            achada = _conferindo(recusa, lambda: _procurar_opcao(pedido, sessao, chamadas))
            if achada is None:
                raise
            return achada

    def conferir(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Conferencia:
        achada = _procurar_opcao(pedido, sessao, chamadas)
        return NaoAconteceu("A Receita não tem a opção deste ano.") if achada is None else Aconteceu(achada)

    def aplicar(self, operacao: Operacao, resposta: OpcaoLida) -> dict[str, Any]:
        documentos = _registrar_opcao(operacao, resposta)
        return {"numero": resposta.regime, "ano": resposta.ano, "documentos": documentos}

    def problema_da_prova(self, operacao: Operacao, numero: str) -> str:
        escolhido = operacao.pedido["regime"]
        if numero.strip().upper().replace("Ê", "E") != escolhido:
            return f"O que se enviou foi a opção por {escolhido}: se na Receita consta outra, não foi este envio."
        return ""

    def resolvida(self, operacao: Operacao, evidencia: str, arquivo: bytes = b"") -> dict[str, Any]:
        pedido = operacao.pedido
        return self.aplicar(operacao, OpcaoLida(pedido["ano"], pedido["regime"], None, arquivo))

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.opcoes_de_regime(palco, quantas)

    def no_livro(self, operacao: Operacao) -> NoLivro | None:
        return ensaio.no_livro(operacao, self.efeito_no_livro, pa=str(operacao.pedido["ano"]))


def _procurar_opcao(pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> OpcaoLida | None:
    """The option of the year, where it is the one that was sent: it can be made only once, so there is no other."""
    achada = regime.opcao(sessao.cliente, partes_de(pedido), pedido["ano"], chamadas=chamadas)
    if achada is None or achada.regime != pedido["regime"]:
        return None
    return achada


@registrar
class ConsultarRegimes(_LeituraAnual):
    """Ask for the option of every year."""

    tipo, rotulo = "guias.regime.consultar", "Consultar regime de apuração"
    no_catalogo = regime.CONSULTARANOSCALENDARIOS102

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Lido:
        anos = regime.anos(sessao.cliente, partes_de(pedido), chamadas=chamadas)
        return Lido({"anos": {str(ano): escolhido for ano, escolhido in sorted(anos.items())}})

    def aplicar(self, operacao: Operacao, resposta: Lido) -> dict[str, Any]:
        for ano, escolhido in resposta.resposta["anos"].items():
            reconhecimento.registrar_da_receita(empresa_de(operacao), int(ano), OpcaoRegime.Regime(escolhido))
        return self.guardar(operacao, resposta) | resposta.resposta

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.perguntas(palco, Acao.REGIMES, quantas)

    def pela_tela(self, novas: Sequence[NovaOperacao]) -> Sequence[PelaTela]:
        return ensaio.pela_tela(Acao.REGIMES, novas)


@registrar
class BuscarDemonstrativo(_LeituraAnual):
    """Fetch the statement of an option and keep it."""

    tipo, rotulo = "guias.regime.demonstrativo", "Buscar demonstrativo do regime"
    no_catalogo = regime.CONSULTAROPCAOREGIME103

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> OpcaoLida:
        achada = regime.opcao(sessao.cliente, partes_de(pedido), pedido["ano"], chamadas=chamadas)
        if achada is None:
            raise ProviderRefused("A Receita não tem opção deste ano. Consulte o regime da empresa.")
        return achada

    def aplicar(self, operacao: Operacao, resposta: OpcaoLida) -> dict[str, Any]:
        return {"numero": resposta.regime, "documentos": _registrar_opcao(operacao, resposta)}

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.demonstrativos(palco, quantas)


@registrar
class BuscarResolucao(_LeituraAnual):
    """Fetch the text of the resolution of a year: one answer serves the whole office."""

    tipo, rotulo = "guias.regime.resolucao", "Buscar a resolução do regime de caixa"
    no_catalogo = regime.CONSULTARRESOLUCAO104

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Lido:
        texto = regime.resolucao(sessao.cliente, partes_de(pedido), pedido["ano"], chamadas=chamadas)
        return Lido({"texto": texto})

    def depois(self, run: Processamento) -> ProximaAcao:
        return ProximaAcao("", "Ler e optar", reverse("guias:regime"), em_qualquer_mes=True)

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.resolucoes(palco, quantas)
