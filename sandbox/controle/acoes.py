"""What the control page and its JSON can do to the sandbox. Refusals are PedidoInvalido with a text in pt-BR."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings
from django.db.models import Model, Q, QuerySet
from django.forms.models import model_to_dict

from sandbox import autoridade
from sandbox.calendario import pa_valido
from sandbox.documentos import cnpj_valido, cpf_valido
from sandbox.integra_contador import bancos
from sandbox.integra_contador import registro as registro_integra
from sandbox.integra_contador.dctfweb import declaracoes
from sandbox.integra_contador.receita import registro as registro_da_receita
from sandbox.nucleo import ajustes, limites, reinicio, simuladores
from sandbox.nucleo.cenarios import expressao
from sandbox.nucleo.desfechos import ACOES
from sandbox.nucleo.livro import gravacao
from sandbox.nucleo.models import Cenario, Contratante, Contribuinte, Procuracao

_CONTAGENS = ("regra", "contribuinte", "pa", "documento")
_TEXTOS = ("descricao", "servico", "operacao", "contribuinte", "tag", "pa", "documento")
_MAIOR_DOCUMENTO = 60
_CAMPOS_DE_CENARIO = {
    *_TEXTOS,
    "so_efeito",
    "nesima",
    "vezes",
    "probabilidade",
    "semente",
    "conta_por",
    "acao",
    "parametros",
}


def _natural(valor: Any) -> bool:
    return isinstance(valor, int) and not isinstance(valor, bool) and valor >= 0


_PARAMETROS: dict[str, Callable[[Any], bool]] = {
    "ms": _natural,
    "quando": lambda valor: valor in ("antes", "depois"),
    "efeito": lambda valor: isinstance(valor, bool),
    "http": lambda valor: _natural(valor) and 200 <= valor <= 599,
    "codigo": lambda valor: isinstance(valor, str),
    "texto": lambda valor: isinstance(valor, str),
    "retry_after": _natural,
    "retry_after_data": lambda valor: isinstance(valor, bool),
    "rst": lambda valor: isinstance(valor, bool),
    "segundos": lambda valor: isinstance(valor, int | float) and valor >= 0,
    "forma": lambda valor: isinstance(valor, str),
}


class PedidoInvalido(ValueError):
    """A control request that makes no sense."""


def filtrar[M: Model](linhas: QuerySet[M], filtros: Mapping[str, str], aceitos: Iterable[str]) -> QuerySet[M]:
    """Exact matches on the accepted names, `desde_id` for what came after a row; oldest first. A `documento` may have
    `*` at an end, as in a rule."""
    aceitos = set(aceitos)
    if estranho := set(filtros) - aceitos - {"desde_id"}:
        raise PedidoInvalido(f"Filtro desconhecido: {estranho.pop()}.")
    for nome in aceitos & set(filtros):
        linhas = linhas.filter(_igual(nome, filtros[nome]))
    if filtros.get("desde_id"):
        linhas = linhas.filter(pk__gt=filtros["desde_id"])
    return linhas.order_by("pk")


def _igual(nome: str, valor: str) -> Q:
    if nome == "documento" and "*" in (valor[:1], valor[-1:]):
        return Q(documento__regex=rf"\A{expressao(valor)}\Z")
    return Q(**{nome: valor})


def reiniciar(*, manter_certificados: bool) -> None:
    reinicio.reiniciar(manter_certificados=manter_certificados)


def criar_cenario(dados: dict[str, Any]) -> Cenario:
    if estranho := set(dados) - _CAMPOS_DE_CENARIO:
        raise PedidoInvalido(f"Campo desconhecido no cenário: {estranho.pop()}.")
    if dados.get("acao") not in ACOES:
        raise PedidoInvalido(f"A ação deve ser uma destas: {', '.join(ACOES)}.")
    _conferir_alvo(dados)
    if dados.get("conta_por", "regra") not in _CONTAGENS:
        raise PedidoInvalido(f"conta_por deve ser uma destas: {', '.join(_CONTAGENS)}.")
    _conferir_parametros(dados.get("parametros", {}))
    _conferir_forma(dados)
    for nome in ("nesima", "vezes", "semente"):
        if dados.get(nome) is not None and (not isinstance(dados[nome], int) or dados[nome] < 0):
            raise PedidoInvalido(f"{nome} deve ser um número inteiro, zero ou mais.")
    probabilidade = dados.get("probabilidade")
    if probabilidade is not None and not (isinstance(probabilidade, int | float) and 0 <= probabilidade <= 1):
        raise PedidoInvalido("probabilidade deve estar entre 0 e 1.")
    with gravacao():
        return Cenario.objects.create(**dados)


def _conferir_alvo(dados: dict[str, Any]) -> None:
    """A rule that could never match is a mistake in the name, not a rule."""
    documento = dados.get("documento", "")
    if not isinstance(documento, str) or len(documento) > _MAIOR_DOCUMENTO:
        raise PedidoInvalido(f"documento é um texto de até {_MAIOR_DOCUMENTO} caracteres, com * nas pontas se preciso.")
    if (servico := dados.get("servico", "")) not in ("", *simuladores.nomes()):
        raise PedidoInvalido(
            f"Não há o serviço {servico}: servico deve ser um destes: {', '.join(simuladores.nomes())}. "
            "O nome de uma operação, como GERARDAS12, vai em operacao."
        )
    if (operacao := dados.get("operacao", "")) not in ("", *simuladores.operacoes(servico)):
        simuladas = (f"{s.rotulo}: {', '.join(s.simuladas())}" for s in simuladores.todos() if servico in ("", s.nome))
        raise PedidoInvalido(f"Não há a operação {operacao}. As simuladas são: {'; '.join(simuladas)}.")


def _conferir_parametros(parametros: Any) -> None:
    if not isinstance(parametros, dict):
        raise PedidoInvalido("parametros deve ser um objeto.")
    for nome, valor in parametros.items():
        if nome not in _PARAMETROS or not _PARAMETROS[nome](valor):
            raise PedidoInvalido(f"Parâmetro desconhecido ou inválido: {nome}.")


def _conferir_forma(dados: dict[str, Any]) -> None:
    """Only some services have other shapes for an answer, and each has its own."""
    formas = simuladores.formas(dados.get("servico", ""))
    forma = dados.get("parametros", {}).get("forma")
    if (dados["acao"] == "forma" or forma is not None) and forma not in formas:
        com = " ".join(f"{nome}: {', '.join(simuladores.formas(nome))}." for nome in simuladores.com_formas())
        raise PedidoInvalido(f"Informe servico e, em parametros, uma forma das que ele tem. {com}")


def mostrar_cenario(cenario: Cenario) -> dict[str, Any]:
    contagens = cenario.contagens.values("chave", "vistas", "aplicadas")
    return {**model_to_dict(cenario), "contagens": list(contagens)}


def remover_cenarios(numero: int | None = None) -> int:
    """Remove one rule, or every rule that does not belong to a test document."""
    escolhidos = Cenario.objects.filter(origem="controle") if numero is None else Cenario.objects.filter(pk=numero)
    with gravacao():
        quantos = escolhidos.count()
        escolhidos.delete()
    return quantos


def acertar_relogio(dados: dict[str, Any]) -> None:
    """{"fixo": instant} stops the clock, {"deslocamento_segundos": n} shifts it, {"real": true} sets it right."""
    match dados:
        case {"fixo": str(instante)}:
            valor: dict[str, Any] = {"modo": "fixo", "instante": _instante(instante).isoformat()}
        case {"deslocamento_segundos": int() | float() as segundos}:
            valor = {"modo": "deslocado", "segundos": segundos}
        case {"real": True}:
            valor = {"modo": "real"}
        case _:
            raise PedidoInvalido(
                'Informe {"fixo": "AAAA-MM-DDTHH:MM"}, {"deslocamento_segundos": n} ou {"real": true}.'
            )
    with gravacao():
        ajustes.gravar("relogio", valor)


def _instante(texto: str) -> datetime:
    """An ISO instant; without zone it is Brasília's."""
    try:
        instante = datetime.fromisoformat(texto)
    except ValueError:
        raise PedidoInvalido(f"Instante inválido: {texto}.") from None
    if instante.tzinfo is None:
        instante = instante.replace(tzinfo=ajustes.BRASILIA)
    return instante.astimezone(UTC)


def ajustar(dados: dict[str, Any]) -> None:
    """Change latencia_ms, token_segundos, selic, status_017_044, aceita_tipo_texto, limites, and what the simulators
    leave open (`<simulador>.<opção>`)."""
    conferencias: dict[str, Callable[[Any], bool]] = {
        "latencia_ms": _natural,
        "token_segundos": lambda valor: _natural(valor) and valor > 1,
        "status_017_044": lambda valor: valor in (400, 403),
        "aceita_tipo_texto": lambda valor: isinstance(valor, bool),
        "selic": lambda valor: isinstance(valor, dict),
        "limites": lambda valor: isinstance(valor, list),
        **{nome: opcao.valida for nome, opcao in simuladores.opcoes().items()},
    }
    for chave, valor in dados.items():
        if chave not in conferencias or not conferencias[chave](valor):
            raise PedidoInvalido(f"Ajuste desconhecido ou inválido: {chave}.")
    for valor in dados.get("selic", {}).values():
        _decimal(valor, "selic")
    if "limites" in dados:
        dados = dados | {"limites": _limites(dados["limites"])}
    with gravacao():
        for chave, valor in dados.items():
            ajustes.gravar(chave, valor)


_LIMITE_PADRAO = {"por": "token", "operacao": "", "segundos": 60, "bloqueio_segundos": 300, "retry_after": True}


def _limites(lista: list[Any]) -> list[dict[str, Any]]:
    """Rate limits with every field filled in."""
    conferencias: dict[str, Callable[[Any], bool]] = {
        "nome": lambda valor: isinstance(valor, str) and 0 < len(valor) <= 40,
        "por": lambda valor: valor in limites.POR,
        "operacao": lambda valor: valor in ("", *simuladores.operacoes()) and valor != "authenticate",
        "quantidade": lambda valor: _natural(valor) and valor > 0,
        "segundos": lambda valor: isinstance(valor, int | float) and not isinstance(valor, bool) and valor > 0,
        "bloqueio_segundos": lambda valor: (
            isinstance(valor, int | float) and not isinstance(valor, bool) and valor >= 0
        ),
        "retry_after": lambda valor: isinstance(valor, bool),
    }
    completos = []
    for limite in lista:
        if not isinstance(limite, dict):
            raise PedidoInvalido("Cada limite é um objeto com nome, quantidade, segundos, bloqueio_segundos e por.")
        completo = _LIMITE_PADRAO | limite
        for campo in (*conferencias, *(set(completo) - set(conferencias))):
            if campo not in conferencias or campo not in completo or not conferencias[campo](completo[campo]):
                raise PedidoInvalido(f"Limite: {campo} falta, é desconhecido ou inválido.")
        completos.append(completo)
    if len({limite["nome"] for limite in completos}) < len(completos):
        raise PedidoInvalido("Limite: cada um precisa de um nome diferente.")
    return completos


def _decimal(valor: Any, campo: str) -> Decimal:
    try:
        return Decimal(str(valor)).quantize(Decimal("0.01"))
    except InvalidOperation:
        raise PedidoInvalido(f"{campo}: {valor!r} não é um número.") from None


def _data(valor: Any, campo: str) -> date:
    try:
        return date.fromisoformat(valor)
    except (TypeError, ValueError):
        raise PedidoInvalido(f"{campo}: informe AAAA-MM-DD.") from None


def _cnpj(valor: Any) -> str:
    if not isinstance(valor, str) or not cnpj_valido(valor):
        raise PedidoInvalido(f"CNPJ inválido: {valor!r}.")
    return valor


def _documento(valor: Any) -> str:
    if not isinstance(valor, str) or not (cnpj_valido(valor) or cpf_valido(valor)):
        raise PedidoInvalido(f"CNPJ ou CPF inválido: {valor!r}.")
    return valor


def _nome(dados: dict[str, Any]) -> str:
    nome = dados.get("nome")
    if not isinstance(nome, str) or not nome.strip() or not nome.isascii():
        raise PedidoInvalido("Informe o nome, sem acentos (vai para o certificado).")
    return nome.strip()[:100]


def criar_contratante(dados: dict[str, Any]) -> Contratante:
    return reinicio.criar_contratante(_cnpj(dados.get("cnpj")), _nome(dados))


def emitir_a1(dados: dict[str, Any]) -> bytes:
    """A PFX for any company, or for the person whose CPF is in `cnpj`; `valido_de` and `valido_ate` make expired or
    not-yet-valid ones, `estranho` one of an authority that no service trusts, `sem_titular` one that names nobody."""
    senha = dados.get("senha")
    if not isinstance(senha, str) or not senha:
        raise PedidoInvalido("Informe a senha do arquivo.")
    de, ate = (_instante(dados[campo]) if dados.get(campo) else None for campo in ("valido_de", "valido_ate"))
    if de and ate and ate <= de:
        raise PedidoInvalido("valido_ate deve ser depois de valido_de.")
    abrir = autoridade.abrir_estranha if dados.get("estranho") else autoridade.abrir
    return autoridade.emitir_a1(
        abrir(settings.PASTA),
        cnpj=_documento(dados.get("cnpj")),
        nome=_nome(dados),
        senha=senha,
        de=de,
        ate=ate,
        titular=not dados.get("sem_titular"),
    )


def cadastrar(dados: dict[str, Any]) -> dict[str, int]:
    """Bulk register. {"contribuintes": [...], "procuracoes": [...]}; all or nothing."""
    contribuintes, procuracoes = dados.get("contribuintes", []), dados.get("procuracoes", [])
    for lista in (contribuintes, procuracoes):
        if not isinstance(lista, list) or not all(isinstance(item, dict) for item in lista):
            raise PedidoInvalido("contribuintes e procuracoes são listas de objetos.")
    with gravacao():
        for item in contribuintes:
            _cadastrar_contribuinte(item)
        for item in procuracoes:
            _cadastrar_procuracao(item)
    return {"contribuintes": len(contribuintes), "procuracoes": len(procuracoes)}


def _cadastrar_contribuinte(item: dict[str, Any]) -> None:
    documento = _documento(item.get("documento"))
    valores: dict[str, Any] = {}
    if "razao_social" in item:
        valores["razao_social"] = str(item["razao_social"])[:150]
    if "abertura" in item:
        valores["abertura"] = _data(item["abertura"], "abertura") if item["abertura"] else None
    if "filiais" in item:
        valores["filiais"] = [_cnpj(filial) for filial in item["filiais"]]
    if "procuracao_padrao" in item:
        valores["procuracao_padrao"] = bool(item["procuracao_padrao"])
    Contribuinte.objects.update_or_create(documento=documento, defaults=valores)
    for mes in item.get("declarados", []):
        if not isinstance(mes.get("pa"), int) or not pa_valido(mes["pa"]):
            raise PedidoInvalido("declarados: informe pa como número AAAAMM.")
        interno, externo = _decimal(mes.get("interno", 0), "interno"), _decimal(mes.get("externo", 0), "externo")
        tributos = {str(codigo): str(_decimal(valor, "valores")) for codigo, valor in mes.get("valores", {}).items()}
        registro_integra.declarar_no_portal(documento, mes["pa"], (interno, externo), tributos)
    for debito in [*item.get("cobrancas", []), *item.get("processos", [])]:
        _cadastrar_debito(documento, debito)
    for novidade in item.get("eventos", []):
        quando = _instante(novidade["em"]) if novidade.get("em") else ajustes.ler().agora()
        if not registro_integra.noticiar(documento, str(novidade.get("evento", "")), quando):
            raise PedidoInvalido("eventos: informe evento E0301, E0601 ou E0701.")
    try:
        if "mei" in item:
            registro_integra.cadastrar_mei(documento, item["mei"])
        for parcelamento in item.get("parcelamentos", []):
            registro_integra.cadastrar_parcelamento(documento, parcelamento)
    except ValueError as erro:
        raise PedidoInvalido(str(erro)) from None
    for fechada in item.get("dctfweb", []):
        _fechar_na_origem(documento, fechada)


def _cadastrar_debito(documento: str, debito: dict[str, Any]) -> None:
    """{"pa": AAAAMM} in collection, or {"numero": 17 digits} of a process; {"valores": {tribute code: value}}."""
    pa, processo = debito.get("pa"), str(debito.get("numero", ""))
    if (pa is None) == (not processo) or (pa is not None and (not isinstance(pa, int) or not pa_valido(pa))):
        raise PedidoInvalido("cobrancas: informe pa como número AAAAMM; processos: informe numero.")
    if processo and (len(processo) != 17 or not processo.isdecimal()):
        raise PedidoInvalido("processos: o numero tem 17 dígitos.")
    tributos = {str(codigo): str(_decimal(valor, "valores")) for codigo, valor in debito.get("valores", {}).items()}
    registro_integra.cobrar(documento, pa, processo, tributos)


def _fechar_na_origem(documento: str, fechada: Any) -> None:
    """{"categoria": 40, "periodo": "202610", "debitos": [{"origem": 1, "codigo": "108201", "valor": "1234.56"}],
    "identificador"?: CNO or process, "portal"?: true when it was also transmitted elsewhere}."""
    if not isinstance(fechada, dict) or fechada.get("categoria", 40) not in declaracoes.CATEGORIAS.values():
        raise PedidoInvalido("dctfweb: informe categoria, periodo e debitos.")
    periodo = str(fechada.get("periodo", ""))
    if not periodo.isdecimal() or len(periodo) not in (4, 6, 8):
        raise PedidoInvalido("dctfweb: periodo é AAAA, AAAAMM ou AAAAMMDD, conforme a categoria.")
    debitos = []
    for debito in fechada.get("debitos", []):
        if debito.get("origem") not in declaracoes.ORIGENS:
            raise PedidoInvalido("dctfweb: a origem de um débito é 1, 5, 6, 7 ou 8.")
        valor = str(_decimal(debito.get("valor"), "valor"))
        debitos.append({"origem": debito["origem"], "codigo": str(debito.get("codigo", "")), "valor": valor})
    registro_integra.fechar_na_origem(
        documento,
        fechada.get("categoria", 40),
        periodo,
        str(fechada.get("identificador", "")),
        debitos,
        portal=bool(fechada.get("portal")),
    )


def _cadastrar_procuracao(item: dict[str, Any]) -> None:
    poderes = item.get("poderes", ["TODOS"])
    if not isinstance(poderes, list) or not all(isinstance(poder, str) for poder in poderes):
        raise PedidoInvalido("poderes é uma lista de códigos ou TODOS.")
    Procuracao.objects.create(
        outorgante=_documento(item.get("outorgante")),
        outorgado=_documento(item.get("outorgado")),
        poderes=poderes,
        inicio=_data(item.get("inicio", "2000-01-01"), "inicio"),
        expira=_data(item.get("expira", "2099-12-31"), "expira"),
    )


def avisar(dados: dict[str, Any]) -> dict[str, int]:
    """What the Receita holds of contribuintes: messages, DTE, options of regime, DEFIS, vínculos, processes."""
    try:
        return registro_da_receita.contar(dados, ajustes.ler())
    except (ValueError, TypeError) as erro:
        raise PedidoInvalido(str(erro)) from None


def pagar(dados: dict[str, Any]) -> None:
    """A slip paid at the bank: {"numero": ..., "data": "AAAA-MM-DD", "valor": "10.00"}, all of it without `valor`.
    `numero_das` is the name of before."""
    lidos = ajustes.ler()
    dia = _data(dados["data"], "data") if dados.get("data") else lidos.hoje()
    valor = _decimal(dados["valor"], "valor") if dados.get("valor") is not None else None
    if valor is not None and valor <= 0:
        raise PedidoInvalido("valor deve ser maior que zero.")
    with gravacao():
        try:
            bancos.pagar(str(dados.get("numero") or dados.get("numero_das") or ""), dia, valor, lidos.agora())
        except bancos.SemGuia:
            raise PedidoInvalido("Não há guia com esse número.") from None
