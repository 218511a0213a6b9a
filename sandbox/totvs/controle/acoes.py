"""What the control may do to the ERP: registers, users, titles that were there before, the bank's confirmation."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.controle.acoes import PedidoInvalido
from sandbox.nucleo import ajustes
from sandbox.nucleo.livro import gravacao
from sandbox.totvs import acesso, operacoes, registros
from sandbox.totvs.chaves import Chave, gastar_referencia, nova_referencia, referencia_usada
from sandbox.totvs.exame import ZERO, Exame, movimentar
from sandbox.totvs.models import Bordero, Imposto, Titulo, Usuario
from sandbox.totvs.regras import baixas
from sandbox.totvs.regras.documentos import IMPLANTACAO
from sandbox.totvs.regras.listagem import NOMES

_DO_TITULO = {
    "empresa", "estabelecimento", "especie", "serie", "fornecedor", "numero", "parcela", "valor", "saldo", "moeda",
    "emissao", "vencimento", "referencia", "bloqueado", "impostos", "portador", "forma",
}  # fmt: skip
_DO_USUARIO = {"nome", "senha", "token", "estabelecimentos", "programas", "bloqueado"}


def _so(dados: dict[str, Any], aceitos: set[str]) -> None:
    if estranho := set(dados) - aceitos:
        raise PedidoInvalido(f"Campo desconhecido: {estranho.pop()}.")


def cadastrar(dados: dict[str, Any]) -> dict[str, Any]:
    """Registers to add to those that are there; with {"substituir": true}, to put in their place."""
    dados = dict(dados)
    substituir = dados.pop("substituir", False)
    if not isinstance(substituir, bool):
        raise PedidoInvalido("substituir deve ser true ou false.")
    if torto := registros.defeito(dados):
        raise PedidoInvalido(torto)
    registros.gravar(dados, substituir=substituir)
    return registros.conteudo()


def gravar_usuario(dados: dict[str, Any]) -> Usuario:
    """{"nome", "senha", "token", "estabelecimentos", "programas", "bloqueado"}: make a user or change what is given."""
    _so(dados, _DO_USUARIO)
    nome = dados.get("nome")
    if not isinstance(nome, str) or not nome or ":" in nome:
        raise PedidoInvalido("nome: informe o usuário do ERP, sem dois-pontos.")
    for campo in ("estabelecimentos", "programas"):
        if not isinstance(dados.get(campo, []), list):
            raise PedidoInvalido(f"{campo} é uma lista; vazia, são todos.")
    if estranho := set(dados.get("programas", [])) - set(operacoes.nomes()):
        raise PedidoInvalido(f"programas: {estranho.pop()} não é um destes: {', '.join(operacoes.nomes())}.")
    valores = {campo: valor for campo, valor in dados.items() if campo != "nome"}
    with gravacao():
        usuario, novo = Usuario.objects.update_or_create(nome=nome, defaults=valores)
        if novo and not usuario.token:
            usuario.token = acesso.novo_token(nome)
            usuario.save(update_fields=["token"])
    return usuario


def _dia(valor: Any, padrao: date) -> date:
    try:
        return date.fromisoformat(valor) if valor else padrao
    except (TypeError, ValueError):
        raise PedidoInvalido(f"Data inválida: {valor!r}. Informe AAAA-MM-DD.") from None


def _dinheiro(valor: Any, nome: str) -> Decimal:
    try:
        return Decimal(str(valor)).quantize(Decimal("0.01"))
    except InvalidOperation:
        raise PedidoInvalido(f"{nome}: {valor!r} não é um valor.") from None


def carregar_titulo(dados: dict[str, Any]) -> Titulo:
    """A title that somebody made in the ERP's own screens. `impostos` are items of the listing."""
    _so(dados, _DO_TITULO)
    lidos, hoje = registros.ler(), ajustes.ler().hoje()
    textos = {"empresa": "001", "estabelecimento": "100", "serie": "", "parcela": "", "especie": "", "numero": ""}
    textos = {nome: str(dados.get(nome, padrao)) for nome, padrao in textos.items()}
    fornecedor, especie = dados.get("fornecedor"), lidos.codigo("especies", textos["especie"])
    if not especie or not textos["numero"] or not isinstance(fornecedor, int):
        raise PedidoInvalido("Informe especie (do cadastro), fornecedor (número) e numero.")
    valor = _dinheiro(dados.get("valor"), "valor")
    empresa = textos.pop("empresa")
    chave = Chave(fornecedor=fornecedor, **textos)
    emissao = _dia(dados.get("emissao"), hoje)
    vencimento = _dia(dados.get("vencimento"), emissao)
    with gravacao():
        if Titulo.objects.filter(empresa=empresa, chave=str(chave)).exists():
            raise PedidoInvalido(f"Já existe o título {chave}.")
        referencia = _referencia(dados, empresa, chave.estabelecimento, emissao)
        titulo = Titulo.objects.create(
            empresa=empresa,
            chave=str(chave),
            tipo=lidos.tipo(especie),
            fornecedor=fornecedor,
            referencia=referencia,
            transacao=emissao,
            emissao=emissao,
            vencimento=vencimento,
            previsao=vencimento,
            valor=valor,
            saldo=_dinheiro(dados.get("saldo", valor), "saldo"),
            moeda=str(dados.get("moeda", "Real")),
            portador=str(dados.get("portador", "90000")),
            forma=str(dados.get("forma", "")),
            bloqueado=bool(dados.get("bloqueado", False)),
            **textos,
        )
        movimentar(titulo, IMPLANTACAO, referencia, emissao, ZERO)
        for imposto in dados.get("impostos", []):
            _so(imposto, set(NOMES))
            Imposto.objects.create(titulo=titulo, dados=_imposto(imposto, titulo, vencimento))
    return titulo


def _imposto(imposto: dict[str, Any], titulo: Titulo, vencimento: date) -> dict[str, Any]:
    padrao: dict[str, Any] = dict.fromkeys(NOMES, "")
    padrao |= {"TaxAmount": "0", "TaxPercentage": "0", "TaxableRevenue": "0", "IsOptional": False, "TaxVendorCode": 0}
    return padrao | {"TaxDueDate": vencimento.isoformat()} | imposto | {"IdVendorsPayments": titulo.pk}


def _referencia(dados: dict[str, Any], empresa: str, estabelecimento: str, dia: date) -> str:
    referencia = str(dados.get("referencia", ""))
    if not referencia:
        return nova_referencia(empresa, estabelecimento, dia, "T")
    if not referencia_usada(empresa, estabelecimento, referencia):
        gastar_referencia(empresa, estabelecimento, referencia)
    return referencia


def confirmar(numero: Any) -> tuple[Bordero, str]:
    """The bank paid a borderô, told by its `id`; the reference of its settlements."""
    lidos = ajustes.ler()
    with gravacao():
        bordero = Bordero.objects.filter(pk=numero).first() if isinstance(numero, int) else None
        if bordero is None or bordero.confirmado:
            raise PedidoInvalido("Esse borderô não existe ou já foi confirmado.")
        exame = Exame(lidos, Usuario(nome="banco"))
        return bordero, baixas.confirmar(exame, bordero, max(lidos.hoje(), bordero.data))


def mostrar_titulo(titulo: Titulo) -> dict[str, Any]:
    campos = [campo.attname for campo in Titulo._meta.concrete_fields]
    return {campo: getattr(titulo, campo) for campo in campos}
