"""DCTFWeb: its XML, transmission, papers and DARF."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone

from arquivo.models import Documento
from arquivo.services import abrir as abrir_documento
from arquivo.services import guardar
from comum.models import Usuario
from credentials.models import Servico
from empresas.models import Empresa
from guias.ensaio import federais as ensaio
from guias.handlers.base import EmVias, IntegraContadorHandler, Leitura, Lido, Sessao
from guias.handlers.telas import DCTFWEB
from guias.models import DeclaracaoDctfweb, Guia
from guias.providers import dctfweb
from guias.providers.dctfweb import Origem
from guias.services import dctfweb as servico
from guias.services import dividas_dctfweb, guia_em_pdf, registro
from guias.services.assinatura import certificado_do_autor
from guias.services.pedidos import Pedido, competencia_de, partes_de
from operacoes.ensaio import NoLivro, Palco
from operacoes.errors import AccessDenied, Alcance, OutcomeUnknown, ProviderError, ProviderRefused
from operacoes.handlers import Aconteceu, Conferencia, NaoAconteceu, ProximaAcao, Repeticao, registrar
from operacoes.http import Certificado, Chamadas
from operacoes.models import Classe, Efeito, Operacao, Processamento
from operacoes.motor import NovaOperacao
from operacoes.xmldsig import XmlInvalido, assinar

Situacao = DeclaracaoDctfweb.Situacao


def _linha(operacao: Operacao) -> DeclaracaoDctfweb:
    """The row of the declaration, locked; made when the office never looked at it."""
    pedido = operacao.pedido
    linha, _ = DeclaracaoDctfweb.objects.select_for_update().get_or_create(
        empresa_id=operacao.empresa_id or 0,
        competencia=competencia_de(pedido),
        categoria=pedido["categoria"],
        dia=pedido["dia"],
        identificador=pedido["identificador"],
    )
    return linha


class _DaDctfweb(IntegraContadorHandler):
    servico_do_vinculo = Servico.DCTFWEB
    conserto = ("DCTFWEB", "Busque a declaração de novo e veja a situação.", DCTFWEB)

    def depois(self, run: Processamento) -> ProximaAcao | None:
        return ProximaAcao("", "Voltar à DCTFWeb", _tela())


def _tela() -> str:
    return reverse("guias:dctfweb")


class _LeituraDctfweb(_DaDctfweb, Leitura):
    classe = Classe.CONSULTA
    acao = ""

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.da_dctfweb(palco, quantas, self.acao)


@registrar
class BuscarXml(_LeituraDctfweb):
    """Fetch the XML of the declaration in progress: what will be signed, kept as it came."""

    tipo, rotulo = servico.TIPO_XML, "Buscar a DCTFWeb em andamento"
    no_catalogo = dctfweb.CONSXMLDECLARACAO38
    opcional = False  # it is what is signed and transmitted
    acao = servico.ACAO_XML

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> bytes | None:
        return dctfweb.xml(sessao.cliente, partes_de(pedido), servico.chave_de(pedido), chamadas=chamadas)

    def aplicar(self, operacao: Operacao, resposta: bytes | None) -> dict[str, Any]:
        linha, agora = _linha(operacao), timezone.now()
        linha.consultada_em, linha.xml, linha.xml_em = agora, None, None
        if resposta is None:
            if linha.situacao != Situacao.TRANSMITIDA:
                linha.situacao = Situacao.SEM_DECLARACAO
            linha.save()
            return super().aplicar(operacao, Lido({"em_andamento": False}))
        linha.xml, linha.xml_em, linha.situacao = _guardar_xml(linha, resposta), agora, Situacao.EM_ANDAMENTO
        linha.save()
        dito = super().aplicar(operacao, Lido({"em_andamento": True, "sha256": linha.xml.sha256}))
        return dito | {"documentos": [str(linha.xml.pk)]}


def _guardar_xml(linha: DeclaracaoDctfweb, conteudo: bytes, *, assinado: bool = False) -> Documento:
    nome = f"DCTFWEB-{linha.competencia:%Y-%m}-{linha.categoria}{'-assinada' if assinado else ''}.xml"
    return guardar(
        conteudo,
        empresa=Empresa(pk=linha.empresa_id),
        tipo=Documento.Tipo.DCTFWEB_XML,
        nome=nome,
        competencia=linha.competencia,
        mime="application/xml",
    )


class _Papel(_LeituraDctfweb):
    """A PDF of the active declaration, the last word on it; or of the one that a receipt number names, which is only
    kept."""

    campo = ""
    documento: Documento.Tipo
    falta = "A Receita não tem declaração transmitida deste período."

    def aplicar(self, operacao: Operacao, resposta: bytes) -> dict[str, Any]:
        nome = f"{self.documento.label.replace(' ', '-')}-{operacao.pedido['competencia'][:7]}.pdf"
        dito = super().aplicar(operacao, Lido({}, resposta, self.documento, nome))
        if operacao.pedido.get("recibo"):
            return dito
        linha = _linha(operacao)
        setattr(linha, f"{self.campo}_id", dito["documentos"][0])
        # What is in progress beside it, a rectification, is still to be transmitted.
        if linha.situacao != Situacao.EM_ANDAMENTO:
            linha.situacao = Situacao.TRANSMITIDA
        linha.consultada_em = timezone.now()
        linha.save()
        return dito

    def _perguntar(
        self, papel: Callable[..., bytes | None], pedido: Pedido, sessao: Sessao, chamadas: Chamadas
    ) -> bytes:
        chave, numero = servico.chave_de(pedido), pedido.get("recibo", "")
        pdf = papel(sessao.cliente, partes_de(pedido), chave, numero=numero, chamadas=chamadas)
        if pdf is None:
            raise ProviderRefused(f"{self.falta} Transmita antes.", codigo="DCTFWEB-MG08")
        return pdf


@registrar
class BuscarReciboDctfweb(_Papel):
    tipo, rotulo = servico.TIPO_RECIBO, "Buscar recibo da DCTFWeb"
    no_catalogo = dctfweb.CONSRECIBO32
    acao, campo, documento = servico.ACAO_RECIBO, "recibo", Documento.Tipo.DCTFWEB_RECIBO

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> bytes:
        return self._perguntar(dctfweb.recibo, pedido, sessao, chamadas)


@registrar
class BuscarDeclaracaoCompleta(_Papel):
    tipo, rotulo = servico.TIPO_COMPLETA, "Buscar declaração completa da DCTFWeb"
    no_catalogo = dctfweb.CONSDECCOMPLETA33
    acao, campo, documento = servico.ACAO_COMPLETA, "completa", Documento.Tipo.DCTFWEB

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> bytes:
        return self._perguntar(dctfweb.declaracao, pedido, sessao, chamadas)


@dataclass(frozen=True)
class SessaoDeAssinatura(Sessao):
    """With the XML that was approved, and the certificate of the autor, in memory only."""

    xml: bytes = b""
    certificado: Certificado | None = None


@dataclass(frozen=True)
class Transmitida:
    """`assinado` is empty, and `recibo` may be there, when a question found it."""

    atrasada: bool = False
    assinado: bytes = b""
    recibo: bytes = b""


@registrar
class TransmitirDctfweb(_DaDctfweb):
    """Sign the XML that was fetched and transmit it. Never twice: a doubt is settled by what is in progress after."""

    tipo, rotulo = servico.TIPO_TRANSMITIR, "Transmitir DCTFWeb"
    efeito, classe = Efeito.UNICO, Classe.DECLARACAO
    efeito_no_livro = "dctfweb_transmitida"
    prova = "A declaração que se transmitiu não está mais em andamento na Receita, e há recibo dela."
    onde_conferir = (
        "No e-CAC, Declarações e Demonstrativos › DCTFWeb: a declaração do período está Ativa, com data e hora de "
        "transmissão, quando a transmissão aconteceu; Em andamento, quando não."
    )
    numero_da_prova = "Número do recibo de entrega"
    arquivo_da_prova = "Recibo da DCTFWeb (PDF)"

    def preparar(self, operacao: Operacao) -> SessaoDeAssinatura:
        base = super().preparar(operacao)
        documento = Documento.objects.get(pk=operacao.pedido["xml"])
        certificado = certificado_do_autor(operacao, partes_de(operacao.pedido))
        return SessaoDeAssinatura(
            base.cliente, base.primeiro_envio, base.relogio, abrir_documento(documento), certificado
        )

    def enviar(self, pedido: Pedido, sessao: SessaoDeAssinatura, chamadas: Chamadas) -> Transmitida:
        assert sessao.certificado is not None  # noqa: S101 - `preparar` brings it
        try:
            assinado = assinar(sessao.xml, sessao.certificado, elemento="ConteudoDeclaracao")
        except XmlInvalido as erro:
            raise AccessDenied(
                f"A declaração não pôde ser assinada: {erro} Busque-a de novo, ou confira o certificado.",
                alcance=Alcance.EMPRESA,
                codigo="ASSINATURA",
            ) from erro
        chave = servico.chave_de(pedido)
        try:
            feita = dctfweb.transmitir(sessao.cliente, partes_de(pedido), chave, assinado, chamadas=chamadas)
        except ProviderRefused as recusa:
            # The refusal of a repeat (TRANS11, or another XML in progress) may mean that an earlier sending landed.
            if sessao.primeiro_envio is None:
                raise
            return self._se_ja_foi(pedido, sessao, chamadas, recusa)
        return Transmitida(feita.atrasada, assinado)

    def _se_ja_foi(
        self, pedido: Pedido, sessao: SessaoDeAssinatura, chamadas: Chamadas, recusa: ProviderRefused
    ) -> Transmitida:
        try:
            conferida = self.conferir(pedido, sessao, chamadas)
        except ProviderError as erro:
            raise OutcomeUnknown(
                "A Receita recusou o reenvio, e não foi possível conferir se o envio anterior aconteceu: "
                f"{erro.mensagem}",
                codigo=recusa.codigo,
                texto=recusa.texto,
            ) from erro
        if isinstance(conferida, Aconteceu):
            resposta: Transmitida = conferida.resposta
            return resposta
        raise recusa

    def conferir(self, pedido: Pedido, sessao: SessaoDeAssinatura, chamadas: Chamadas) -> Conferencia:
        partes, chave = partes_de(pedido), servico.chave_de(pedido)
        if dctfweb.xml(sessao.cliente, partes, chave, chamadas=chamadas) is not None:
            return NaoAconteceu("A declaração continua em andamento na Receita.")
        recibo = dctfweb.recibo(sessao.cliente, partes, chave, chamadas=chamadas)
        if recibo is None:
            return NaoAconteceu("A Receita não tem recibo da declaração.")
        return Aconteceu(Transmitida(recibo=recibo))

    def aplicar(self, operacao: Operacao, resposta: Transmitida) -> dict[str, Any]:
        linha = _linha(operacao)
        documentos = []
        linha.situacao, linha.transmitida_em = Situacao.TRANSMITIDA, timezone.now()
        linha.atrasada = resposta.atrasada
        linha.recibo = linha.completa = None  # those of the declaration that this one replaces stay in the archive
        if resposta.assinado:
            documentos.append(_guardar_xml(linha, resposta.assinado, assinado=True))
        if resposta.recibo:
            linha.recibo = _guardar_recibo(linha, resposta.recibo)
            documentos.append(linha.recibo)
        linha.save()
        return {"atrasada": resposta.atrasada, "documentos": [str(documento.pk) for documento in documentos]}

    def resolvida(self, operacao: Operacao, evidencia: str, arquivo: bytes = b"") -> dict[str, Any]:
        return self.aplicar(operacao, Transmitida(recibo=arquivo)) | {"recibo": evidencia[:60]}

    def repetir(self, operacoes: Sequence[Operacao], usuario: Usuario) -> Mapping[int, Repeticao | str]:
        """By the XML fetched since: what was refused is refused again."""
        ditas = dict(super().repetir(operacoes, usuario))
        atuais = DeclaracaoDctfweb.objects.select_related("xml").in_bulk([o.pedido["declaracao"] for o in operacoes])
        for operacao in operacoes:
            dita, linha = ditas.get(operacao.pk), atuais[operacao.pedido["declaracao"]]
            if not isinstance(dita, Repeticao):
                continue
            if linha.situacao == Situacao.TRANSMITIDA:
                ditas[operacao.pk] = "A declaração já foi transmitida."
            elif linha.xml is None:
                ditas[operacao.pk] = "Busque a declaração em andamento e transmita por ela."
            else:
                xml_em = linha.xml_em.isoformat() if linha.xml_em else ""
                pedido = dita.pedido | {"xml": str(linha.xml_id), "sha256": linha.xml.sha256, "xml_em": xml_em}
                ditas[operacao.pk] = Repeticao(pedido, dita.acesso)
        return ditas

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.transmissoes(palco, quantas)

    def no_livro(self, operacao: Operacao) -> NoLivro | None:
        return ensaio.no_livro(operacao, self.efeito_no_livro)


def _guardar_recibo(linha: DeclaracaoDctfweb, pdf: bytes) -> Documento:
    return guardar(
        pdf,
        empresa=Empresa(pk=linha.empresa_id),
        tipo=Documento.Tipo.DCTFWEB_RECIBO,
        nome=f"Recibo-DCTFWeb-{linha.competencia:%Y-%m}-{linha.categoria}.pdf",
        competencia=linha.competencia,
    )


@registrar
class EmitirGuiaDctfweb(EmVias, _DaDctfweb):
    """Draw the DARF of the active declaration. Drawing it again is another document and another charge."""

    tipo, rotulo = dividas_dctfweb.TIPO_GUIA, "Emitir DARF da DCTFWeb"
    efeito, classe = Efeito.DOCUMENTO, Classe.EMISSAO
    efeito_no_livro = "dctfweb_guia"
    prova = ""
    onde_conferir = (
        "No e-CAC, DCTFWeb, a declaração do período, Emitir DARF: emita-o lá e anexe-o aqui, ou peça outro. Um DARF a "
        "mais não é dívida a mais, só custa outra chamada."
    )
    numero_da_prova = ""
    arquivo_da_prova = "DARF da DCTFWeb (PDF)"

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> bytes:
        pagamento = pedido["pagamento"]
        return dctfweb.gerar_guia(
            sessao.cliente,
            partes_de(pedido),
            servico.chave_de(pedido),
            pagamento=date.fromisoformat(pagamento) if pagamento else None,
            origens=[Origem(numero) for numero in pedido["origens"]],
            recibo=pedido.get("recibo", ""),
            chamadas=chamadas,
        )

    def aplicar(self, operacao: Operacao, resposta: bytes) -> dict[str, Any]:
        pedido, competencia = operacao.pedido, competencia_de(operacao.pedido)
        lida = guia_em_pdf.ler(resposta, servico.vencimento_da_guia(pedido))
        if isinstance(lida, str):
            documento = guardar(
                resposta,
                empresa=Empresa(pk=operacao.empresa_id),
                tipo=Documento.Tipo.GUIA,
                nome=f"DARF-DCTFWeb-{competencia:%Y-%m}.pdf",
                competencia=competencia,
            )
            problema = f"{lida} A guia não entra na lista: abra-a nos documentos e confira."
            return {"problema": problema, "documentos": [str(documento.pk)]}
        linha = _linha(operacao)  # whoever draws another guia of the same declaration waits here
        divida, revisao = dividas_dctfweb.lugar_da_guia(pedido, self.tipo, lida.guia.total, linha.transmitida_em)
        guia = registro.registrar(
            operacao,
            lida.guia,
            tipo=Guia.Tipo.DARF_DCTFWEB,
            divida=divida,
            competencia=competencia,
            revisao=revisao,
            via=Guia.objects.filter(divida=divida, revisao=revisao).count() + 1,
            codigo_barras=lida.codigo_barras,
            periodo=_periodo(pedido),
            referencia=_referencia(pedido),
        )
        return registro.resumo(guia)

    def resolvida(self, operacao: Operacao, evidencia: str, arquivo: bytes = b"") -> dict[str, Any]:
        return self.aplicar(operacao, arquivo)

    def repetir(self, operacoes: Sequence[Operacao], usuario: Usuario) -> Mapping[int, Repeticao | str]:
        """Not of what was paid meanwhile; a day to pay that has passed is left to the Receita."""
        hoje, pagas = timezone.localdate().isoformat(), servico.pagas_desde(operacoes)
        ditas: dict[int, Repeticao | str] = {}
        for pk, dita in super().repetir(operacoes, usuario).items():
            if isinstance(dita, Repeticao) and dita.pedido["pagamento"] < hoje:
                dita = Repeticao(dita.pedido | {"pagamento": ""}, dita.acesso)
            ditas[pk] = pagas.get(pk, dita)
        return ditas

    def depois(self, run: Processamento) -> ProximaAcao | None:
        return ProximaAcao("", "Abrir as guias", reverse("guias:lista") + "?tipo=darf_dctf")

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.da_dctfweb(palco, quantas, servico.ACAO_GUIA)

    def no_livro(self, operacao: Operacao) -> NoLivro | None:
        guia = Guia.objects.filter(operacao=operacao).first()
        return ensaio.no_livro(operacao, self.efeito_no_livro, numero=guia.numero if guia else "")


@registrar
class EmitirGuiaEmAndamento(EmitirGuiaDctfweb):
    """Draw the DARF of the declaration in progress, before it is transmitted."""

    tipo, rotulo = dividas_dctfweb.TIPO_GUIA_ANDAMENTO, "Emitir DARF da DCTFWeb em andamento"

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> bytes:
        return dctfweb.gerar_guia_em_andamento(
            sessao.cliente,
            partes_de(pedido),
            servico.chave_de(pedido),
            origens=[Origem(numero) for numero in pedido["origens"]],
            chamadas=chamadas,
        )

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.da_dctfweb(palco, quantas, servico.ACAO_GUIA_ANDAMENTO)


def _periodo(pedido: Pedido) -> str:
    if pedido["categoria"] in (41, 51):
        return f"13º/{pedido['competencia'][:4]}"
    return f"{pedido['dia']:02d}/{competencia_de(pedido):%m/%Y}" if pedido["dia"] else ""


def _referencia(pedido: Pedido) -> str:
    partes = [pedido["identificador"], *(servico.ORIGENS[Origem(numero)] for numero in pedido["origens"])]
    return " ".join(parte for parte in partes if parte)[:40]
