"""PGDASD TRANSDECLARACAO11: compute the month, compare when asked, transmit when asked."""

import base64
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sandbox import arrecadacao
from sandbox.calendario import pa_de, proximo_dia_bancario, vencimento_das
from sandbox.integra_contador.catalogo import SERVICO
from sandbox.integra_contador.envelope import Pedido, Resultado
from sandbox.integra_contador.erros import pgdasd
from sandbox.integra_contador.models import Declaracao
from sandbox.integra_contador.pgdasd import papeis
from sandbox.integra_contador.pgdasd.entrada import Entrada, ler
from sandbox.integra_contador.pgdasd.esquema import PREFIXO, parametro_invalido
from sandbox.integra_contador.pgdasd.registros import guardar_meses, historico, meses_declarados, ultima_declaracao
from sandbox.nucleo.ajustes import BRASILIA, Ajustes
from sandbox.nucleo.cadastro import contribuinte, estabelecimentos
from sandbox.nucleo.livro import gravacao, proximo, registrar
from sandbox.nucleo.models import Contribuinte
from sandbox.simples.acrescimos import maed
from sandbox.simples.anexos import ForaDoSimulado
from sandbox.simples.calculo import Apuracao, apurar
from sandbox.simples.historico import Historico

_PRAZO_MAED = timedelta(days=30)
_LIMITE_DO_FIXO = Decimal("360000.00")


@dataclass(frozen=True)
class _Caso:
    """A request that passed every rule, with its result."""

    entrada: Entrada
    registro: Contribuinte
    apuracao: Apuracao


def base64_de(conteudo: bytes) -> str:
    return base64.b64encode(conteudo).decode()


def transmitir(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    entrada = ler(pedido.dados, pedido.contribuinte.numero)
    if not entrada.transmitir:
        caso = _calcular(entrada, ajustes.hoje())
        return Resultado(_saida(caso.apuracao), [("[Sucesso-PGDASD]", f"{PREFIXO}Cálculo efetuado com sucesso.")])
    with gravacao():
        caso = _calcular(entrada, ajustes.hoje())
        declaracao = _gravar(caso, ajustes, tag)
    return _transmitida(caso, declaracao)


def _calcular(entrada: Entrada, hoje: date) -> _Caso:
    if entrada.pa >= pa_de(hoje):
        raise parametro_invalido(f"O período de apuração {entrada.pa} ainda não se encerrou.")
    registro = contribuinte(entrada.cnpj)
    _conferir_estabelecimentos(entrada, registro)
    declarados = meses_declarados(entrada.cnpj)
    _conferir_tipo(entrada, declarados)
    if repetidos := sorted(set(entrada.anteriores) & set(declarados)):
        lista = ", ".join(map(str, repetidos))
        raise pgdasd(48, f"{PREFIXO}Receita bruta anterior informada para mês já declarado: {lista}.")
    _conferir_abertura(entrada, registro)
    passado = historico(entrada, registro, declarados)
    _conferir_fixos(entrada, passado)
    try:
        apuracao = apurar(passado, entrada.parcelas, entrada.fixos)
    except ForaDoSimulado as motivo:
        raise parametro_invalido(f"{motivo} Use o PGDAS-D oficial para este caso.") from None
    if entrada.comparar is not None:
        _comparar(entrada.comparar, apuracao.valores)
    return _Caso(entrada, registro, apuracao)


def _conferir_estabelecimentos(entrada: Entrada, registro: Contribuinte) -> None:
    faltam = sorted(set(estabelecimentos(registro)) - set(entrada.estabelecimentos))
    if faltam:
        raise pgdasd(18, f"{PREFIXO}Estabelecimentos não informados na declaração: {', '.join(faltam)}.")


def _conferir_tipo(entrada: Entrada, declarados: dict[int, tuple[Decimal, Decimal]]) -> None:
    if entrada.retificadora and entrada.pa not in declarados:
        raise pgdasd(5, f"{PREFIXO}Não há declaração do período {entrada.pa} para retificar.")
    if not entrada.retificadora and entrada.pa in declarados:
        raise parametro_invalido(
            f"Já existe declaração transmitida para {entrada.pa}: use tipoDeclaracao 2 (retificadora)."
        )


def _conferir_abertura(entrada: Entrada, registro: Contribuinte) -> None:
    if registro.abertura is None:
        return
    abertura = pa_de(registro.abertura)
    if entrada.pa < abertura:
        raise parametro_invalido(f"O período {entrada.pa} é anterior à abertura da empresa ({abertura}).")
    if antes := [pa for pa in (*entrada.anteriores, *entrada.folhas) if pa < abertura]:
        raise parametro_invalido(f"O mês {min(antes)} é anterior à abertura da empresa ({abertura}).")
    if entrada.pa in entrada.folhas and entrada.pa != abertura:
        raise parametro_invalido("A folha do próprio período só é informada no mês de abertura.")


def _conferir_fixos(entrada: Entrada, passado: Historico) -> None:
    """Fixed amounts are for those who had up to R$ 360,000.00 in the year before (LC 123/2006, art. 18, § 18)."""
    ano = entrada.pa // 100 - 1
    receita = sum((passado.rba(ano, mercado, entrada.pa) for mercado in (0, 1)), Decimal(0))
    if entrada.fixos and receita > _LIMITE_DO_FIXO:
        raise parametro_invalido(f"Valor fixo não permitido: receita de {ano} ({receita}) acima de {_LIMITE_DO_FIXO}.")


def _comparar(informados: dict[int, Decimal], calculados: dict[int, Decimal]) -> None:
    if informados == calculados:
        return
    listas = [
        "; ".join(f"{codigo}={valor}" for codigo, valor in sorted(valores.items())) or "nenhum"
        for valores in (informados, calculados)
    ]
    texto = f"Os valores informados diferem dos calculados. Informados: {listas[0]}. Calculados: {listas[1]}."
    raise pgdasd(35, f"{PREFIXO}{texto} A declaração não foi transmitida.")


def _saida(apuracao: Apuracao) -> dict[str, Any]:
    return {
        "idDeclaracao": None,
        "dataHoraTransmissao": None,
        "valoresDevidos": [{"codigoTributo": codigo, "valor": valor} for codigo, valor in apuracao.valores.items()],
        "declaracao": None,
        "recibo": None,
        "notificacaoMaed": None,
        "darf": None,
        "detalhamentoDarfMaed": None,
    }


def _gravar(caso: _Caso, ajustes: Ajustes, tag: str) -> Declaracao:
    entrada, agora = caso.entrada, ajustes.agora()
    anterior = ultima_declaracao(entrada.cnpj, entrada.pa)
    sequencia = anterior.sequencia + 1 if anterior else 1
    declaracao = Declaracao.objects.create(
        contribuinte=entrada.cnpj,
        pa=entrada.pa,
        sequencia=sequencia,
        numero=f"{entrada.cnpj[:8]}{entrada.pa}{sequencia:03d}",
        tipo=2 if entrada.retificadora else 1,
        transmitida=agora,
        receita_interna=entrada.competencia[0],
        receita_externa=entrada.competencia[1],
        valores={str(codigo): str(valor) for codigo, valor in caso.apuracao.valores.items()},
        quadro=papeis.quadro(caso.apuracao),
        maed=None if entrada.retificadora else _maed(caso, ajustes.hoje()),
    )
    guardar_meses(entrada)
    _lancar("declaracao_transmitida", declaracao, declaracao.numero, caso.apuracao.total, tag)
    if declaracao.maed:
        _lancar("maed_lancada", declaracao, declaracao.maed["numero"], Decimal(declaracao.maed["valor"]), tag)
    return declaracao


def _lancar(tipo: str, declaracao: Declaracao, numero: str, valor: Decimal, tag: str) -> None:
    registrar(
        instante=declaracao.transmitida,
        servico=SERVICO,
        tipo=tipo,
        contribuinte=declaracao.contribuinte,
        pa=str(declaracao.pa),
        sequencia=declaracao.sequencia,
        numero=numero,
        valor=valor,
        tag=tag,
    )


def _maed(caso: _Caso, hoje: date) -> dict[str, str] | None:
    """The fine for a late original declaration, gross; due thirty days after."""
    prazo = vencimento_das(caso.entrada.pa)
    if hoje <= prazo:
        return None
    vencimento = proximo_dia_bancario(hoje + _PRAZO_MAED)
    return {
        "numero": arrecadacao.numero_documento("0716", hoje, proximo("documento")),
        "valor": str(maed(caso.apuracao.total, prazo, hoje)),
        "vencimento": vencimento.strftime("%Y%m%d"),
    }


def _transmitida(caso: _Caso, declaracao: Declaracao) -> Resultado:
    saida = _saida(caso.apuracao)
    local = declaracao.transmitida.astimezone(BRASILIA)
    saida["idDeclaracao"] = declaracao.numero
    saida["dataHoraTransmissao"] = local.strftime("%Y%m%d%H%M%S")
    saida["declaracao"] = base64_de(papeis.declaracao(declaracao, caso.registro))
    saida["recibo"] = base64_de(papeis.recibo(declaracao, caso.registro))
    if declaracao.maed is None:
        texto = f"{PREFIXO}Declaração transmitida com sucesso."
        return Resultado(saida, [("[Sucesso-PGDASD-MSG_ISN_033]", texto)])
    saida["notificacaoMaed"] = base64_de(papeis.notificacao_maed(declaracao, caso.registro))
    saida["darf"] = base64_de(papeis.darf_maed(declaracao, caso.registro))
    saida["detalhamentoDarfMaed"] = _detalhe_maed(declaracao)
    texto = f"{PREFIXO}Declaração transmitida em atraso. Foi lançada multa por atraso na entrega (MAED)."
    return Resultado(saida, [("[Aviso-PGDASD-MSG_ISN_034]", texto)])


def _detalhe_maed(declaracao: Declaracao) -> dict[str, Any]:
    maed_ = declaracao.maed or {}
    valor = Decimal(maed_["valor"])
    return {
        "periodoApuracao": str(declaracao.pa),
        "numeroDocumento": maed_["numero"],
        "dataVencimento": maed_["vencimento"],
        "dataLimiteAcolhimento": maed_["vencimento"],
        "valores": {"principal": valor, "multa": Decimal(0), "juros": Decimal(0), "total": valor},
        "observacao1": "SEM VALOR FISCAL",
        "observacao2": None,
        "observacao3": None,
        "composicao": None,
    }
