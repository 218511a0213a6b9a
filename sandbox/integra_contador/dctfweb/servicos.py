"""DCTFWEB 31, 32, 33, 38, 310 and 313. What is refused comes with HTTP 200: a Sucesso, MSGIC01, and the message."""

import base64
import binascii
from collections.abc import Callable
from datetime import date
from typing import Any

from django.conf import settings

from sandbox import arrecadacao, autoridade
from sandbox.calendario import dia_bancario, pa_de
from sandbox.integra_contador import novidades
from sandbox.integra_contador.darf_pdf import Folha, darf, papel
from sandbox.integra_contador.dctfweb import assinatura, declaracoes
from sandbox.integra_contador.dctfweb.declaracoes import Alvo, recusa
from sandbox.integra_contador.envelope import Pedido, Resultado
from sandbox.integra_contador.erros import Recusa
from sandbox.integra_contador.mit import registros as mit
from sandbox.integra_contador.models import Dctfweb, GuiaDctfweb
from sandbox.integra_contador.simulado import Simulado, tem_efeito
from sandbox.nucleo.ajustes import Ajustes
from sandbox.nucleo.livro import gravacao, proximo, registrar
from sandbox.pdf import reais
from sandbox.simples.acrescimos import SelicDesconhecida, consolidar

_SUCESSO = ("[Sucesso-DCTFWEB-MG00]", "Requisição efetuada com sucesso.")
_VEJA = ("[Aviso-DCTFWEB-MSGIC01]", "Há mensagens de negócio. Verifique as demais mensagens.")
_MINIMO = 10

Atender = Callable[[Pedido, Ajustes, str], Resultado]


def _negocio(atender: Atender) -> Atender:
    """Answer a business refusal as the service does."""

    def atendido(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
        mit.assentar(pedido.contribuinte.numero, ajustes.agora())
        try:
            return atender(pedido, ajustes, tag)
        except Recusa as negada:
            if negada.http != 200:
                raise
            return Resultado(None, [_SUCESSO, _VEJA, (f"[Aviso-DCTFWEB-{negada.codigo}]", negada.texto)])

    return atendido


def _pdf(conteudo: bytes) -> Resultado:
    return Resultado({"PDFByteArrayBase64": base64.b64encode(conteudo).decode()}, [_SUCESSO])


def _linhas(declaracao: Dctfweb) -> list[str]:
    linhas = [f"Categoria {declaracao.categoria}   Período {declaracao.periodo}"]
    if declaracao.identificador:
        linhas.append(f"Identificador {declaracao.identificador}")
    if declaracao.recibo and declaracao.transmitida:
        linhas.append(f"Recibo {declaracao.recibo}   Transmitida em {declaracao.transmitida:%d/%m/%Y %H:%M} UTC")
    return linhas


def recibo(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    declaracao = declaracoes.ativa(declaracoes.ler(pedido, "numeroReciboEntrega"))
    return _pdf(papel("Recibo de Entrega da DCTFWeb", declaracao.contribuinte, _linhas(declaracao)))


def completa(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    declaracao = declaracoes.ativa(declaracoes.ler(pedido, "numeroReciboEntrega"))
    linhas = _linhas(declaracao) + [
        f"Origem {debito['origem']}   Débito {debito['codigo']}   R$ {debito['valor']}" for debito in declaracao.debitos
    ]
    linhas.append(f"Total R$ {reais(declaracoes.total(declaracao))}")
    return _pdf(papel("Declaração Completa da DCTFWeb", declaracao.contribuinte, linhas))


def xml(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    conteudo = declaracoes.xml(declaracoes.em_andamento(declaracoes.ler(pedido)))
    return Resultado({"XMLStringBase64": base64.b64encode(conteudo).decode()}, [_SUCESSO])


def transmitir(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    alvo = declaracoes.ler(pedido, "xmlAssinadoBase64")
    assinado = _base64(alvo.dados.get("xmlAssinadoBase64"))
    achadas = declaracoes.de(alvo)
    if not achadas:
        raise recusa("MG08", "Não foi encontrada declaração para os parâmetros informados.")
    if achadas[0].transmitida:
        raise recusa("TRANS11", "A declaração já foi transmitida.")
    agora = ajustes.agora()
    assinatura.conferir(
        assinado, declaracoes.xml(achadas[0]), pedido.autor.numero, autoridade.abrir(settings.PASTA), agora
    )
    with gravacao():
        declaracao = declaracoes.de(alvo)[0]
        if declaracao.transmitida:
            raise recusa("TRANS11", "A declaração já foi transmitida.")
        declaracao.transmitida = agora
        declaracao.recibo = f"{proximo('recibo dctfweb'):015d}"
        declaracao.atrasada = ajustes.hoje() > declaracoes.prazo(declaracao)
        declaracao.save()
        novidades.ocorreu(declaracao.contribuinte, novidades.DCTFWEB, agora)
        registrar(
            instante=agora,
            servico="integra_contador",
            tipo="dctfweb_transmitida",
            contribuinte=declaracao.contribuinte,
            pa=declaracao.periodo[:6],
            sequencia=declaracao.sequencia,
            valor=declaracoes.total(declaracao),
            tag=tag,
        )
    if declaracao.atrasada:
        aviso = ("[Aviso-DCTFWEB-TRANS14]", "Declaração transmitida em atraso. Há multa por atraso na entrega.")
        return Resultado(None, [_SUCESSO, _VEJA, aviso])
    return Resultado(None, [_SUCESSO])


def _base64(valor: Any) -> bytes:
    if not isinstance(valor, str) or not valor:
        raise recusa("TRANS21", "O campo XMLAssinadoBase64 é obrigatório.")
    try:
        return base64.b64decode(valor, validate=True)
    except binascii.Error:
        raise recusa("TRANS20", "O campo XMLAssinadoBase64 não contém um base 64 válido.") from None


def guia(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    alvo = declaracoes.ler(pedido, "numeroReciboEntrega", "idsSistemaOrigem", "DataAcolhimentoProposta")
    try:
        declaracao = declaracoes.ativa(alvo)
    except Recusa as negada:
        if negada.codigo in ("MG08", "MG10") and declaracoes.de(alvo):
            raise recusa("APIGUIA01", "A declaração não está ativa.") from None
        raise
    return _guia(alvo, declaracao, _pagamento(alvo.dados.get("DataAcolhimentoProposta"), ajustes.hoje()), ajustes, tag)


def guia_em_andamento(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    alvo = declaracoes.ler(pedido, "idsSistemaOrigem")
    return _guia(alvo, declaracoes.em_andamento(alvo), None, ajustes, tag)


def _pagamento(valor: Any, hoje: date) -> date | None:
    if valor is None:
        return None
    texto = str(valor)
    try:
        dia = date.fromisoformat(texto) if isinstance(valor, int) and len(texto) == 8 else None
    except ValueError:
        dia = None
    if dia is None or dia < hoje or pa_de(dia) != pa_de(hoje) or not dia_bancario(dia):
        raise recusa("APIGUIA02", "A data proposta deve ser dia útil do mês corrente, a partir de hoje.")
    return dia


def _guia(alvo: Alvo, declaracao: Dctfweb, pagamento: date | None, ajustes: Ajustes, tag: str) -> Resultado:
    principal = declaracoes.total(declaracao, alvo.origens)
    if alvo.origens and not principal:
        raise recusa("APIGUIA03", "Não há débitos da origem informada.")
    if principal < _MINIMO:
        raise recusa("GUIA02", "Valor inferior ao mínimo para emissão.")
    vencimento = declaracoes.vencimento(declaracao)
    limite = max(vencimento, pagamento or ajustes.hoje())
    try:
        valores = consolidar(principal, vencimento, limite, ajustes.selic)
    except SelicDesconhecida:
        raise recusa("GUIA00", "Taxa Selic ainda não conhecida.") from None
    emitida = GuiaDctfweb(
        declaracao=declaracao,
        emitida=ajustes.agora(),
        vencimento=vencimento,
        limite=limite,
        principal=valores.principal,
        multa=valores.multa,
        juros=valores.juros,
    )
    with gravacao():
        emitida.numero = arrecadacao.numero_documento("0716", ajustes.hoje(), proximo("documento"))
        emitida.save()
        registrar(
            instante=emitida.emitida,
            servico="integra_contador",
            tipo="dctfweb_guia",
            contribuinte=declaracao.contribuinte,
            pa=declaracao.periodo[:6],
            sequencia=emitida.pk,
            numero=emitida.numero,
            valor=valores.total,
            tag=tag,
        )
    folha = Folha(
        declaracao.contribuinte,
        emitida.numero,
        vencimento,
        limite,
        valores.principal,
        valores.multa,
        valores.juros,
        ("DCTFWeb", *_linhas(declaracao)),
    )
    return _pdf(darf(folha))


SERVICOS = {
    "GERARGUIA31": Simulado(_negocio(guia), tem_efeito),
    "CONSRECIBO32": Simulado(_negocio(recibo)),
    "CONSDECCOMPLETA33": Simulado(_negocio(completa)),
    "CONSXMLDECLARACAO38": Simulado(_negocio(xml)),
    "TRANSDECLARACAO310": Simulado(_negocio(transmitir), tem_efeito),
    "GERARGUIAANDAMENTO313": Simulado(_negocio(guia_em_andamento), tem_efeito),
}
