"""REGIMEAPURACAO: the option of a year (101), which is made once, and its queries (102, 103, 104)."""

import base64
from typing import Any

from sandbox.integra_contador.catalogo import SERVICO
from sandbox.integra_contador.envelope import Pedido, Resultado, ler_json
from sandbox.integra_contador.erros import Recusa
from sandbox.integra_contador.models import OpcaoDeRegime
from sandbox.integra_contador.receita.papel import papel
from sandbox.integra_contador.simulado import Simulado, tem_efeito
from sandbox.nucleo.ajustes import BRASILIA, Ajustes
from sandbox.nucleo.cadastro import contribuinte
from sandbox.nucleo.livro import gravacao, registrar

_TIPOS = {0: "COMPETENCIA", 1: "CAIXA"}
_PRIMEIRO_ANO = 2010
_SUCESSO = [("[Sucesso-REGIME]", "Requisição efetuada com sucesso.")]
_RESOLUCAO = (
    "<p>A opção pelo regime de caixa, na forma da Resolução CGSN nº 140/2018, é irretratável para todo o "
    "ano-calendário.</p><p>A receita recebida serve só para a base de cálculo mensal: os limites e as alíquotas seguem "
    "a receita auferida (competência).</p><p>Texto resumido pelo sandbox, SEM VALOR FISCAL.</p>"
)


def _recusa(numero: int, texto: str, *, tipo: str = "EntradaIncorreta") -> Recusa:
    return Recusa(400, f"[{tipo}-REGIME-MSG_ISN_{numero:03d}]", texto)


def _ler(pedido: Pedido, campos: tuple[str, ...]) -> dict[str, Any]:
    try:
        dados: Any = ler_json(pedido.dados)
    except ValueError:
        dados = None
    lidos: dict[str, Any] = dados if isinstance(dados, dict) else {}
    for campo in campos:
        if lidos.get(campo) is None and campo != "deAcordoResolucao":
            raise _recusa(58, f"Não foi informado o parâmetro {campo}.")
    if estranho := sorted(set(lidos) - set(campos)):
        raise _recusa(58, f"Parâmetro desconhecido: {estranho[0]}.")
    return lidos


def _ano(valor: Any, ajustes: Ajustes, numero: int) -> int:
    ate = ajustes.hoje().year + 1
    if not isinstance(valor, int) or isinstance(valor, bool) or not _PRIMEIRO_ANO <= valor <= ate:
        raise _recusa(numero, f"O ano deve ter 4 dígitos numéricos e estar entre {_PRIMEIRO_ANO} e {ate}.")
    return valor


def optar(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    dados = _ler(pedido, ("anoOpcao", "tipoRegime", "descritivoRegime", "deAcordoResolucao"))
    ano = _ano(dados["anoOpcao"], ajustes, 59)
    tipo, descritivo = dados["tipoRegime"], dados["descritivoRegime"]
    if tipo not in _TIPOS or isinstance(tipo, bool):
        raise _recusa(60, "O campo tipoRegime deve ser 0 ou 1.")
    if descritivo not in _TIPOS.values():
        raise _recusa(49, "O campo descritivoRegime deve ter uma das duas entradas: COMPETENCIA ou CAIXA.")
    if _TIPOS[tipo] != descritivo:
        raise _recusa(53, f"O campo descritivoRegime está como {descritivo} mas o tipoRegime está como {tipo}.")
    if dados.get("deAcordoResolucao") is not True:
        raise _recusa(51, "O campo deAcordoResolucao está ausente ou false. A opção não será efetivada.")
    cnpj = pedido.contribuinte.numero
    abertura = contribuinte(cnpj).abertura
    if abertura is not None and ano < abertura.year:
        raise _recusa(50, "O campo anoOpcao é anterior ao ano de abertura da empresa.")
    with gravacao():
        if OpcaoDeRegime.objects.filter(contribuinte=cnpj, ano=ano).exists():
            raise _recusa(52, "Opção pelo regime de apuração de receitas já realizada.", tipo="Aviso")
        opcao = OpcaoDeRegime.objects.create(contribuinte=cnpj, ano=ano, regime=descritivo, feita=ajustes.agora())
        registrar(
            instante=opcao.feita,
            servico=SERVICO,
            tipo="regime_optado",
            contribuinte=cnpj,
            pa=str(ano),
            numero=descritivo,
            tag=tag,
        )
    texto = "Opção pelo regime de apuração de receitas realizada com sucesso."
    return Resultado(_mostrar(opcao), [("[Sucesso-REGIME-MSG_ISN_054]", texto)])


def anos(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    if pedido.dados:
        raise _recusa(58, "O campo dados deve vir vazio.")
    opcoes = OpcaoDeRegime.objects.filter(contribuinte=pedido.contribuinte.numero).order_by("ano")
    saida = [{"anoCalendario": opcao.ano, "regimeApurado": opcao.regime} for opcao in opcoes]
    if not saida:
        texto = "Não foram encontradas opções efetivadas para este CNPJ."
        return Resultado([], [("[Aviso-REGIME-MSG_ISN_055]", texto)])
    return Resultado(saida, _SUCESSO)


def consultar(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    ano = _ano(_ler(pedido, ("anoCalendario",))["anoCalendario"], ajustes, 56)
    opcao = OpcaoDeRegime.objects.filter(contribuinte=pedido.contribuinte.numero, ano=ano).first()
    if opcao is None:
        texto = "Não foi encontrada opção de regime para o ano informado."
        return Resultado(None, [("[Aviso-REGIME-MSG_ISN_057]", texto)])
    return Resultado(_mostrar(opcao), _SUCESSO)


def resolucao(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    _ano(_ler(pedido, ("anoCalendario",))["anoCalendario"], ajustes, 56)
    return Resultado({"textoResolucao": base64.b64encode(_RESOLUCAO.encode()).decode()}, _SUCESSO)


def _mostrar(opcao: OpcaoDeRegime) -> dict[str, Any]:
    feita = opcao.feita.astimezone(BRASILIA)
    numeros = "".join(letra for letra in opcao.contribuinte if letra.isdecimal())
    linhas = [f"Ano-calendário {opcao.ano}", f"Regime escolhido: {opcao.regime}", f"Feita em {feita:%d/%m/%Y %H:%M:%S}"]
    texto = base64.b64encode(_RESOLUCAO.encode()).decode() if opcao.regime == "CAIXA" else None
    return {
        "cnpjMatriz": int(numeros),
        "anoCalendario": opcao.ano,
        "regimeEscolhido": opcao.regime,
        "dataHoraOpcao": int(feita.strftime("%Y%m%d%H%M%S")),
        "demonstrativoPdf": papel("Opção pelo regime de apuração de receitas", opcao.contribuinte, linhas),
        "textoResolucao": texto,
    }


SERVICOS = {
    "EFETUAROPCAOREGIME101": Simulado(optar, tem_efeito),
    "CONSULTARANOSCALENDARIOS102": Simulado(anos),
    "CONSULTAROPCAOREGIME103": Simulado(consultar),
    "CONSULTARRESOLUCAO104": Simulado(resolucao),
}
