"""Client of SERPRO's API Integra Contador: the envelope, its messages, and the PGDASD and PROCURACOES services.

Source: SERPRO, API Integra Contador documentation centre (service catalogue of 3 September 2026).
docs/integra-contador.md tells what is certain, what is not, and what this client does about it.
"""

import base64
import binascii
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

from credentials.providers.serpro import Acesso, invalidar, tokens
from guias.providers import mensagens as tabela
from guias.providers.interface import (
    Atividade,
    Calculo,
    DasEmitido,
    DasListado,
    Declaracao,
    DeclaracaoListada,
    Estabelecimento,
    Multa,
    Parcela,
    Partes,
    Periodo,
    Procuracao,
    Recibo,
    Transmitida,
    Tributos,
)
from guias.providers.mensagens import Destino, Mensagem, Regra
from operacoes.errors import AccessDenied, Alcance, OutcomeUnknown, ProviderRefused, ProviderUnavailable
from operacoes.http import Chamadas, Provider, Reply, host_of, transport_for
from operacoes.wire import parse_json

_BRASILIA = ZoneInfo("America/Sao_Paulo")
_NAO_COBRADOS = frozenset({204, 304, 400, 401, 404, 429, 500, 503})  # SERPRO, billing page; 504 is in no list: counted
_RENOVACOES = 2
_RECUSAM = frozenset({400, 403, 404})
_COM_ENVELOPE = frozenset({200, 400, 401, 403, 404, 500, 503, 504})


@dataclass(frozen=True)
class Servico:
    rota: str
    sistema: str
    servico: str
    versao: str
    classe: str  # of charging, as operacoes.models.Classe
    repetivel: bool  # carrying it out twice changes nothing at the Receita

    def __str__(self) -> str:
        return f"{self.sistema}/{self.servico}"


TRANSDECLARACAO11 = Servico("Declarar", "PGDASD", "TRANSDECLARACAO11", "1.0", "declaracao", repetivel=False)
SIMULACAO11 = Servico(
    "Declarar", "PGDASD", "TRANSDECLARACAO11", "1.0", "declaracao", repetivel=True
)  # nothing is stored
GERARDAS12 = Servico("Emitir", "PGDASD", "GERARDAS12", "1.0", "emissao", repetivel=False)
CONSDECLARACAO13 = Servico("Consultar", "PGDASD", "CONSDECLARACAO13", "1.0", "consulta", repetivel=True)
CONSULTIMADECREC14 = Servico("Consultar", "PGDASD", "CONSULTIMADECREC14", "1.0", "consulta", repetivel=True)
CONSEXTRATO16 = Servico("Consultar", "PGDASD", "CONSEXTRATO16", "1.0", "consulta", repetivel=True)
OBTERPROCURACAO41 = Servico("Consultar", "PROCURACOES", "OBTERPROCURACAO41", "1", "consulta", repetivel=True)


@dataclass(frozen=True)
class Resposta:
    """An answer that was understood: decoded `dados`, messages, and the service's own clock when it told it."""

    dados: Any
    mensagens: tuple[Mensagem, ...]
    agora: datetime | None

    def tem(self, numero: str) -> bool:
        return any(mensagem.numero == numero for mensagem in self.mensagens)


class NadaEncontrado(Exception):
    """A query answered that there is nothing. Never leaves this module."""


class IntegraContador(Provider):
    """One access to Integra Contador (see guias.providers.interface.Pgdasd and Procuracoes)."""

    label = "Integra Contador"

    def __init__(self, acesso: Acesso) -> None:
        # Only the token service asks for the certificate.
        super().__init__(acesso.base, transport=transport_for(None, acesso.ca, host_of(acesso.base)))
        self._acesso = acesso

    # -- PGDASD -------------------------------------------------------------------------------------------------------
    def simular(self, partes: Partes, declaracao: Declaracao, *, chamadas: Chamadas) -> Calculo:
        dados = _declaracao_para_envio(declaracao, transmitir=False, comparar=None)
        resposta = self._chamar(SIMULACAO11, partes, dados, chamadas)
        with _lendo(SIMULACAO11):
            return Calculo(_tributos(resposta.dados["valoresDevidos"]))

    def transmitir(
        self, partes: Partes, declaracao: Declaracao, *, comparar: Tributos, chamadas: Chamadas
    ) -> Transmitida:
        """Transmit, on condition that the Receita computes exactly `comparar` (refusal 035 otherwise)."""
        dados = _declaracao_para_envio(declaracao, transmitir=True, comparar=comparar)
        resposta = self._chamar(TRANSDECLARACAO11, partes, dados, chamadas)
        with _lendo(TRANSDECLARACAO11):
            corpo = resposta.dados
            return Transmitida(
                id_declaracao=str(corpo["idDeclaracao"]),
                transmitida_em=_instante(corpo["dataHoraTransmissao"]),
                valores=_tributos(corpo["valoresDevidos"]),
                declaracao=_pdf(corpo.get("declaracao")),
                recibo=_pdf(corpo.get("recibo")),
                multa=_multa(corpo.get("notificacaoMaed"), corpo.get("darf")),
                atrasada=resposta.tem("034"),
            )

    def emitir_das(
        self, partes: Partes, competencia: date, *, consolidacao: date | None, chamadas: Chamadas
    ) -> DasEmitido:
        """Draw the DAS of a declared period; `consolidacao` is the day of payment, when after the due date."""
        dados: dict[str, Any] = {"periodoApuracao": f"{competencia:%Y%m}"}
        if consolidacao is not None:
            dados["dataConsolidacao"] = f"{consolidacao:%Y%m%d}"
        resposta = self._chamar(GERARDAS12, partes, dados, chamadas)
        with _lendo(GERARDAS12):
            return _das(_um(resposta.dados))

    def periodo(self, partes: Partes, competencia: date, *, chamadas: Chamadas) -> Periodo:
        try:
            resposta = self._chamar(CONSDECLARACAO13, partes, {"periodoApuracao": f"{competencia:%Y%m}"}, chamadas)
        except NadaEncontrado:
            return Periodo(competencia)
        with _lendo(CONSDECLARACAO13):
            return _periodo(resposta, competencia)

    def ultima_declaracao(self, partes: Partes, competencia: date, *, chamadas: Chamadas) -> Recibo | None:
        try:
            resposta = self._chamar(CONSULTIMADECREC14, partes, {"periodoApuracao": f"{competencia:%Y%m}"}, chamadas)
        except NadaEncontrado:
            return None
        with _lendo(CONSULTIMADECREC14):
            corpo = resposta.dados
            maed = corpo.get("maed") or {}
            return Recibo(
                numero=str(corpo["numeroDeclaracao"]),
                declaracao=_pdf(corpo["declaracao"]["pdf"]),
                recibo=_pdf(corpo["recibo"]["pdf"]),
                multa=_multa(maed.get("pdfNotificacao"), maed.get("pdfDarf")),
            )

    def extrato(self, partes: Partes, numero_das: str, *, chamadas: Chamadas) -> bytes:
        resposta = self._chamar(CONSEXTRATO16, partes, {"numeroDas": numero_das}, chamadas)
        with _lendo(CONSEXTRATO16):
            return _pdf_obrigatorio(resposta.dados["extrato"]["pdf"])

    # -- PROCURACOES --------------------------------------------------------------------------------------------------
    def procuracoes(self, partes: Partes, *, chamadas: Chamadas) -> list[Procuracao]:
        """Grants of the contribuinte to the autor; an empty list when there is none in force."""
        dados = {
            "outorgante": partes.contribuinte,
            "tipoOutorgante": str(_tipo(partes.contribuinte)),
            "outorgado": partes.autor,
            "tipoOutorgado": str(_tipo(partes.autor)),
        }
        try:
            resposta = self._chamar(OBTERPROCURACAO41, partes, dados, chamadas)
        except NadaEncontrado:
            return []
        with _lendo(OBTERPROCURACAO41):
            itens = resposta.dados if isinstance(resposta.dados, list) else [resposta.dados] if resposta.dados else []
            return [
                Procuracao(_data(item["dtexpiracao"]), [str(nome) for nome in item.get("sistemas") or []])
                for item in itens
            ]

    # -- the envelope -------------------------------------------------------------------------------------------------
    def _chamar(self, servico: Servico, partes: Partes, dados: dict[str, Any], chamadas: Chamadas) -> Resposta:
        """Send one request, renewing the tokens when the gateway or the manager did not take them.

        Both refusals come before anything is carried out, so the repeat is safe for every service. Twice, because the
        renewed pair may have been dropped outside while another call was renewing it.
        """
        corpo = _envelope(servico, partes, dados)
        for _ in range(1 + _RENOVACOES):
            portados = tokens(self._acesso, chamadas)
            reply = self.request(
                "POST",
                servico.rota,
                chamadas=chamadas,
                headers=portados.cabecalhos(),
                json=corpo,
                repeatable=servico.repetivel,
                accept=_COM_ENVELOPE,
                cobrada=_cobrada,
                classe=servico.classe,
            )
            with chamadas.veredito(reply.registro):
                resposta = _abrir(servico, reply)
            if resposta is not None:
                return resposta
            chamadas.nao_executada(reply.registro)
            invalidar(self._acesso, portados)
        raise AccessDenied(
            "O SERPRO não aceitou a autenticação mesmo depois de renovada. Teste a conexão da credencial na "
            "tabela 102.",
            alcance=Alcance.CREDENCIAL,
            codigo=f"HTTP-{reply.status}",
            texto=reply.palavras,
            status=reply.status,
        )


def _cobrada(status: int) -> bool:
    return status not in _NAO_COBRADOS


def _tipo(documento: str) -> int:
    return 1 if len(documento) == 11 else 2


def _envelope(servico: Servico, partes: Partes, dados: dict[str, Any]) -> dict[str, Any]:
    def parte(documento: str) -> dict[str, Any]:
        return {"numero": documento, "tipo": _tipo(documento)}

    return {
        "contratante": parte(partes.contratante),
        "autorPedidoDados": parte(partes.autor),
        "contribuinte": parte(partes.contribuinte),
        "pedidoDados": {
            "idSistema": servico.sistema,
            "idServico": servico.servico,
            "versaoSistema": servico.versao,
            "dados": json.dumps(dados, ensure_ascii=False),
        },
    }


def _abrir(servico: Servico, reply: Reply) -> Resposta | None:
    """Understand an answer, or raise; None when the tokens were not taken and nothing was carried out."""
    if reply.status == 401:
        return None
    envelope = _json_ou_nada(reply)
    lidas = tuple(tabela.ler(item) for item in envelope.get("mensagens") or []) if envelope else ()
    regras = [(mensagem, regra) for mensagem in lidas if (regra := tabela.regra_de(mensagem)) is not None]
    if any(regra.destino is Destino.REAUTENTICAR for _, regra in regras):
        return None
    if (
        reply.status != 200
        or any(mensagem.ruim for mensagem in lidas)
        or any(regra.destino is Destino.NADA for _, regra in regras)
    ):
        _recusar(servico, reply, lidas, regras)
    with _lendo(servico):
        if envelope is None:
            raise ValueError("not an envelope")
        dados = envelope.get("dados")
        decodificado = parse_json(dados) if isinstance(dados, str) and dados else dados
        return Resposta(decodificado, lidas, _relogio(envelope.get("responseDateTime")))


def _json_ou_nada(reply: Reply) -> dict[str, Any] | None:
    try:
        lido = parse_json(reply.content)
    except ValueError:
        return None
    return lido if isinstance(lido, dict) else None


def _recusar(
    servico: Servico, reply: Reply, lidas: tuple[Mensagem, ...], regras: list[tuple[Mensagem, Regra]]
) -> NoReturn:
    """Raise what the messages mean; all of the service's words travel with the error."""
    # A rule that says no is worth more than a notice that came along with it.
    decisiva = next(((m, r) for m, r in regras if m.ruim), regras[0] if regras else None)
    palavras = _palavras(lidas) or reply.palavras
    if decisiva is None:
        codigo = next((m.codigo for m in lidas if m.ruim), str(reply.status))
        negada = reply.status in _RECUSAM and any(m.nega for m in lidas) and not any(m.falha for m in lidas)
        _desconhecida(servico, reply.status, codigo, palavras, negada=negada)
    mensagem, regra = decisiva
    palavra: dict[str, Any] = {"codigo": mensagem.codigo, "texto": palavras, "status": reply.status}
    match regra.destino:
        case Destino.NADA if servico.repetivel:
            raise NadaEncontrado
        case Destino.RECUSADA | Destino.NADA:
            raise ProviderRefused(regra.mensagem, **palavra)
        case Destino.EMPRESA:
            raise AccessDenied(regra.mensagem, alcance=Alcance.EMPRESA, **palavra)
        case Destino.CREDENCIAL:
            raise AccessDenied(regra.mensagem, alcance=Alcance.CREDENCIAL, **palavra)
        case Destino.SERVICO:
            raise AccessDenied(regra.mensagem, alcance=Alcance.SERVICO, **palavra)
        case Destino.INDISPONIVEL:
            raise ProviderUnavailable(regra.mensagem, **palavra)
        case _:
            if servico.repetivel:
                raise ProviderUnavailable(regra.mensagem, **palavra)
            raise OutcomeUnknown(regra.mensagem, **palavra)


def _palavras(lidas: tuple[Mensagem, ...]) -> str:
    """The texts of the service; with their codes where there are several, since the error carries only one code."""
    if len(lidas) == 1 and lidas[0].texto:
        return lidas[0].texto
    return "\n".join(f"{m.codigo}: {m.texto}".strip(": ") for m in lidas)


def _desconhecida(servico: Servico, status: int, codigo: str, palavras: str, *, negada: bool) -> NoReturn:
    """An answer no rule speaks of: never taken for success, and for proof that nothing happened only when it says so
    itself (`negada`)."""
    palavra: dict[str, Any] = {"codigo": codigo, "texto": palavras, "status": status}
    if not servico.repetivel and not negada:
        raise OutcomeUnknown(
            f"O SERPRO respondeu {codigo}, que o Guichê não conhece. Ele confere o que aconteceu antes de repetir.",
            **palavra,
        )
    if status >= 500:
        raise ProviderUnavailable("O SERPRO está com problemas. O Guichê tenta de novo.", **palavra)
    raise ProviderRefused("O SERPRO recusou o pedido. Veja as palavras do serviço, corrija e repita.", **palavra)


@contextmanager
def _lendo(servico: Servico) -> Iterator[None]:
    """An answer of success in another shape than known: a reading may be repeated, an effect is in doubt."""
    try:
        yield
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, InvalidOperation, binascii.Error) as erro:
        texto = f"{servico}: {type(erro).__name__}: {str(erro)[:200]}"
        if servico.repetivel:
            raise ProviderUnavailable(
                "A resposta do SERPRO veio ilegível. O Guichê tenta de novo.", texto=texto
            ) from erro
        raise OutcomeUnknown(
            "A resposta do SERPRO veio ilegível. O Guichê confere o que aconteceu antes de repetir.", texto=texto
        ) from erro


# -- our values to the wire ----------------------------------------------------------------------------------
def _numero(valor: Decimal) -> float:
    """A JSON number with the same digits. Binary floats keep up to 15 significant digits; amounts here have fewer."""
    numero = float(valor)
    if Decimal(repr(numero)) != valor:
        raise ValueError(f"amount with too many digits: {valor}")
    return numero


def _pa(competencia: date) -> int:
    return competencia.year * 100 + competencia.month


def _declaracao_para_envio(declaracao: Declaracao, *, transmitir: bool, comparar: Tributos | None) -> dict[str, Any]:
    corpo: dict[str, Any] = {
        "tipoDeclaracao": 2 if declaracao.retificadora else 1,
        "receitaPaCompetenciaInterno": _numero(declaracao.interno),
        "receitaPaCompetenciaExterno": _numero(declaracao.externo),
        "estabelecimentos": [_estabelecimento(item) for item in declaracao.estabelecimentos],
    }
    if declaracao.anteriores:
        corpo["receitasBrutasAnteriores"] = [
            {"pa": _pa(mes.competencia), "valorInterno": _numero(mes.interno), "valorExterno": _numero(mes.externo)}
            for mes in declaracao.anteriores
        ]
    if declaracao.folhas:
        corpo["folhasSalario"] = [
            {"pa": _pa(folha.competencia), "valor": _numero(folha.valor)} for folha in declaracao.folhas
        ]
    dados: dict[str, Any] = {
        "cnpjCompleto": declaracao.cnpj,
        "pa": _pa(declaracao.competencia),
        "indicadorTransmissao": transmitir,
        "indicadorComparacao": comparar is not None,
        "declaracao": corpo,
    }
    if comparar is not None:
        dados["valoresParaComparacao"] = [
            {"codigoTributo": int(codigo), "valor": _numero(valor)} for codigo, valor in sorted(comparar.items())
        ]
    return dados


def _estabelecimento(estabelecimento: Estabelecimento) -> dict[str, Any]:
    """Without movement the key `atividades` is left out: an empty list is refused (MSG_ISN_023)."""
    corpo: dict[str, Any] = {"cnpjCompleto": estabelecimento.cnpj}
    if estabelecimento.atividades:
        corpo["atividades"] = [_atividade(atividade) for atividade in estabelecimento.atividades]
    return corpo


def _atividade(atividade: Atividade) -> dict[str, Any]:
    return {
        "idAtividade": atividade.id,
        "valorAtividade": _numero(atividade.valor),
        "receitasAtividade": [_parcela(parcela) for parcela in atividade.parcelas],
    }


def _parcela(parcela: Parcela) -> dict[str, Any]:
    corpo: dict[str, Any] = {"valor": _numero(parcela.valor)}
    if parcela.municipio_tom:
        corpo |= {"codigoOutroMunicipio": parcela.municipio_tom, "outraUf": parcela.uf}
    if parcela.qualificacoes:
        corpo["qualificacoesTributarias"] = [
            {"codigoTributo": item.tributo, "id": item.motivo} for item in parcela.qualificacoes
        ]
    return corpo


# -- the wire to our values ----------------------------------------------------------------------------------
def _um(dados: Any) -> dict[str, Any]:
    """The one object of an answer that comes as an array of one, or as the object itself."""
    item = dados[0] if isinstance(dados, list) else dados
    if not isinstance(item, dict):
        raise TypeError("expected one object")
    return item


def _dinheiro(valor: Any) -> Decimal:
    return (Decimal(0) if valor is None else Decimal(str(valor))).quantize(Decimal("0.01"))


def _data(valor: Any) -> date:
    return datetime.strptime(str(valor)[:8], "%Y%m%d").replace(tzinfo=_BRASILIA).date()


def _instante(valor: Any) -> datetime:
    return datetime.strptime(str(valor)[:14], "%Y%m%d%H%M%S").replace(tzinfo=_BRASILIA)


def _relogio(valor: Any) -> datetime | None:
    try:
        lido = datetime.fromisoformat(str(valor))
    except ValueError:
        return None
    return lido if lido.tzinfo else None


def _tributos(itens: Any) -> Tributos:
    valores: Tributos = {}
    for item in itens or []:
        codigo = str(item["codigoTributo"])
        valores[codigo] = valores.get(codigo, Decimal(0)) + _dinheiro(item["valor"])
    return valores


def _pdf(texto: Any) -> bytes:
    return base64.b64decode(texto, validate=True) if texto else b""


def _pdf_obrigatorio(texto: Any) -> bytes:
    conteudo = _pdf(texto)
    if not conteudo.startswith(b"%PDF"):
        raise ValueError("not a PDF")
    return conteudo


def _multa(notificacao: Any, darf: Any) -> Multa | None:
    return Multa(_pdf(notificacao), _pdf(darf)) if notificacao or darf else None


def _das(item: dict[str, Any]) -> DasEmitido:
    detalhe = _um(item.get("detalhamentoDas") or item["detalhamento"])
    valores = detalhe["valores"]
    vencimento = _data(detalhe["dataVencimento"])
    return DasEmitido(
        numero=str(detalhe["numeroDocumento"]),
        vencimento=vencimento,
        limite=_data(detalhe["dataLimiteAcolhimento"]) if detalhe.get("dataLimiteAcolhimento") else vencimento,
        principal=_dinheiro(valores["principal"]),
        multa=_dinheiro(valores.get("multa")),
        juros=_dinheiro(valores.get("juros")),
        total=_dinheiro(valores["total"]),
        composicao=[_componente(parte) for parte in detalhe.get("composicao") or []],
        observacoes=tuple(
            str(detalhe[nome]) for nome in ("observacao1", "observacao2", "observacao3") if detalhe.get(nome)
        ),
        pdf=_pdf_obrigatorio(item["pdf"]),
    )


def _componente(parte: dict[str, Any]) -> dict[str, str]:
    valores = parte.get("valores") or {}
    return {
        "codigo": str(parte.get("codigo", "")),
        "denominacao": str(parte.get("denominacao") or ""),
        **{nome: str(_dinheiro(valores.get(nome))) for nome in ("principal", "multa", "juros", "total")},
    }


def _periodo(resposta: Resposta, competencia: date) -> Periodo:
    corpo = resposta.dados or {}
    achados = corpo.get("periodo") or corpo.get("periodos") or []
    periodos = achados if isinstance(achados, list) else [achados]
    declaracoes, guias = [], []
    for periodo in periodos:
        if str(periodo.get("periodoApuracao")) != f"{competencia:%Y%m}":
            continue
        for operacao in periodo.get("operacoes") or []:
            if declaracao := operacao.get("indiceDeclaracao"):
                declaracoes.append(
                    DeclaracaoListada(
                        str(declaracao["numeroDeclaracao"]),
                        _instante(declaracao["dataHoraTransmissao"]),
                        str(operacao.get("tipoOperacao") or ""),
                    )
                )
            if das := operacao.get("indiceDas"):
                emissao = das.get("datahoraEmissaoDas") or das["dataHoraEmissaoDas"]
                guias.append(DasListado(str(das["numeroDas"]), _instante(emissao), bool(das.get("dasPago"))))
    return Periodo(competencia, tuple(declaracoes), tuple(guias), resposta.agora)
