"""DEFIS: transmission (141), which needs the PGDAS-D of every month, list (142) and documents (143, 144)."""

from datetime import date
from typing import Any

from sandbox.integra_contador.catalogo import SERVICO
from sandbox.integra_contador.envelope import Pedido, Resultado, ler_json
from sandbox.integra_contador.models import Declaracao, Defis
from sandbox.integra_contador.receita.defis_entrada import Entrada, ler, recusa
from sandbox.integra_contador.receita.dte import do_simples
from sandbox.integra_contador.receita.papel import papel
from sandbox.integra_contador.simulado import Simulado, tem_efeito
from sandbox.nucleo.ajustes import BRASILIA, Ajustes
from sandbox.nucleo.cadastro import contribuinte, estabelecimentos
from sandbox.nucleo.livro import gravacao, registrar
from sandbox.nucleo.models import Contribuinte

_SUCESSO = [("[Sucesso-DEFIS]", "Requisição efetuada com sucesso.")]
_ANOS_ATRAS = 5


def transmitir(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    cnpj = pedido.contribuinte.numero
    entrada = ler(pedido.dados)
    _conferir_ano(entrada, ajustes.hoje())
    with gravacao():
        registro = contribuinte(cnpj)
        _conferir_opcao(entrada, cnpj)
        _conferir_mudancas(entrada, registro)
        _conferir_meses(entrada, registro)
        _conferir_estabelecimentos(entrada, registro)
        defis = guardar(cnpj, entrada.ano, ajustes, especial=entrada.evento is not None, conteudo=entrada.conteudo)
        registrar(
            instante=defis.transmitida,
            servico=SERVICO,
            tipo="defis_transmitida",
            contribuinte=cnpj,
            pa=str(entrada.ano),
            sequencia=defis.sequencia,
            numero=defis.numero,
            tag=tag,
        )
    documentos = _documentos(defis)
    saida = {
        "declaracaoPdf": documentos["declaracao"],
        "reciboPdf": documentos["recibo"],
        "idDefis": defis.numero,
    }
    return Resultado(saida, [("[Sucesso-DEFIS]", "Declaração transmitida com sucesso.")])


def guardar(
    cnpj: str, ano: int, ajustes: Ajustes, *, especial: bool = False, portal: bool = False, conteudo: Any = None
) -> Defis:
    """One more of the year; inside `gravacao`."""
    anterior = Defis.objects.filter(contribuinte=cnpj, ano=ano).order_by("-sequencia").first()
    sequencia = anterior.sequencia + 1 if anterior else 1
    # A CNPJ may have letters, and idDefis is a number: the letters become the last digit of their code.
    raiz = "".join(letra if letra.isdecimal() else str(ord(letra) % 10) for letra in cnpj[:8])
    numero = f"{raiz}{ano}{sequencia:03d}"
    while Defis.objects.filter(numero=numero).exists():
        sequencia += 1
        numero = f"{raiz}{ano}{sequencia:03d}"
    return Defis.objects.create(
        contribuinte=cnpj,
        ano=ano,
        sequencia=sequencia,
        numero=numero,
        tipo=(2 if anterior else 1) + (2 if especial else 0),
        transmitida=ajustes.agora(),
        portal=portal,
        conteudo=conteudo or {},
    )


def _conferir_ano(entrada: Entrada, hoje: date) -> None:
    if not hoje.year - _ANOS_ATRAS <= entrada.ano <= hoje.year:
        raise recusa(6, f"O ano deve estar entre {hoje.year - _ANOS_ATRAS} e {hoje.year}.")
    if entrada.evento is None:
        if entrada.ano == hoje.year:
            texto = f"A DEFIS, ano-calendário {entrada.ano}, só poderá ser entregue mediante informação de situação"
            raise recusa(11, f"{texto} especial.")
        return
    dia = entrada.evento[1]
    if dia > hoje:
        raise recusa(17, "A data do evento não pode ser superior à data corrente.")
    if dia.year != entrada.ano:
        ano = entrada.ano
        texto = (
            f"Para a DEFIS do ano-calendário {ano}, a data do evento deve ser maior ou igual a 01/01/{ano} e menor ou"
        )
        raise recusa(18, f"{texto} igual a 31/12/{ano}.")


def _conferir_opcao(entrada: Entrada, cnpj: str) -> None:
    if entrada.nao_optante and do_simples(cnpj):
        texto = "Contribuinte é optante mas foram enviadas informações no campo naoOptante. Reenviar retirando este"
        raise recusa(40, f"{texto} bloco.", tipo="Aviso")
    if not entrada.nao_optante and not do_simples(cnpj):
        raise recusa(8, "Contribuinte não optante e bloco NaoOptante não preenchido.")


def _conferir_mudancas(entrada: Entrada, registro: Contribuinte) -> None:
    comeco = max(date(entrada.ano, 1, 1), registro.abertura or date.min)
    fim = entrada.evento[1] if entrada.evento else date(entrada.ano, 12, 31)
    if any(not comeco <= dia <= fim for dia in entrada.mudancas):
        texto = (
            "Informações sobre mudança de endereço do estabelecimento não pode ter o campo dataMudanca com data "
            "anterior ou posterior ao período abrangido dessa declaração. Período abrangido: "
        )
        raise recusa(39, f"{texto}{comeco:%d/%m/%Y} a {fim:%d/%m/%Y}.")


def _conferir_meses(entrada: Entrada, registro: Contribuinte) -> None:
    ate = entrada.evento[1].month if entrada.evento else 12
    abertura = registro.abertura
    if abertura is not None and abertura.year > entrada.ano:
        raise recusa(6, f"O ano deve ser posterior ao da abertura da empresa ({abertura.year}).")
    de = abertura.month if abertura is not None and abertura.year == entrada.ano else 1
    meses = [entrada.ano * 100 + mes for mes in range(de, ate + 1)]
    declarados = set(
        Declaracao.objects.filter(contribuinte=registro.documento, pa__in=meses).values_list("pa", flat=True)
    )
    if not declarados:
        texto = f"Não foram efetuadas apurações no PGDASD para o período entre {de:02d}/{entrada.ano} e "
        raise recusa(21, f"{texto}{ate:02d}/{entrada.ano}.", tipo="Aviso")
    if faltam := [pa for pa in meses if pa not in declarados]:
        lista = ", ".join(f"{pa % 100:02d}/{pa // 100}" for pa in faltam)
        texto = f"Existem pendências de apurações para o(s) período(s) de: {lista}. Regularizar a situação efetuando a"
        raise recusa(22, f"{texto} transmissão no PGDASD.", tipo="Aviso")


def _conferir_estabelecimentos(entrada: Entrada, registro: Contribuinte) -> None:
    conhecidos = estabelecimentos(registro)
    if faltam := [cnpj for cnpj in conhecidos if cnpj not in entrada.estabelecimentos]:
        texto = f"Não foram enviados todos os estabelecimentos necessários: {', '.join(faltam)}."
        raise recusa(23, texto, tipo="Aviso")
    if sobram := [cnpj for cnpj in entrada.estabelecimentos if cnpj not in conhecidos]:
        texto = "Um ou mais estabelecimentos enviados não pertencem às declarações transmitidas no PGDASD: "
        raise recusa(24, f"{texto}{', '.join(sobram)}.", tipo="Aviso")


def listar(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    if pedido.dados:
        raise recusa(43, "O campo dado não deve possuir nenhum valor.")
    todas = Defis.objects.filter(contribuinte=pedido.contribuinte.numero).order_by("ano", "sequencia")
    saida = [
        {
            "anoCalendario": defis.ano,
            "idDefis": defis.numero,
            "tipo": defis.tipo,
            "dataHora": int(defis.transmitida.astimezone(BRASILIA).strftime("%Y%m%d%H%M%S")),
        }
        for defis in todas
    ]
    if not saida:
        return Resultado([], [("[Aviso-DEFIS-MSG_0044]", "Não foram encontradas declarações transmitidas.")])
    return Resultado(saida, _SUCESSO)


def _numero_em(pedido: Pedido, campo: str) -> int:
    try:
        dados: Any = ler_json(pedido.dados)
    except ValueError:
        dados = None
    valor = dados.get(campo) if isinstance(dados, dict) and set(dados) == {campo} else None
    if isinstance(valor, str) and valor.isdecimal() and campo == "idDefis":
        valor = int(valor)
    if not isinstance(valor, int) or isinstance(valor, bool):
        raise recusa(38, "O Json contém dados inválidos.")
    return valor


def ultima(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    ano = _numero_em(pedido, "ano")
    do_ano = Defis.objects.filter(contribuinte=pedido.contribuinte.numero, ano=ano).order_by("-sequencia").first()
    if do_ano is None:
        texto = "Não há declaração transmitida para o ano calendário."
        return Resultado(None, [("[Aviso-DEFIS-MSG_0042]", texto)])
    return Resultado(_documentos(do_ano), _SUCESSO)


def por_numero(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    numero = f"{_numero_em(pedido, 'idDefis'):015d}"
    achada = Defis.objects.filter(numero=numero).first()
    if achada is None:
        return Resultado(None, [("[Aviso-DEFIS-MSG_0045]", "Não foi encontrada declaração para o idDefis informado.")])
    if achada.contribuinte != pedido.contribuinte.numero:
        raise recusa(16, "O idDefis não é uma declaração do contribuinte.", tipo="NãoAutorizado", http=403)
    return Resultado(_documentos(achada), _SUCESSO)


def _documentos(defis: Defis) -> dict[str, Any]:
    local = defis.transmitida.astimezone(BRASILIA)
    linhas = [f"Ano-calendário {defis.ano}", f"Número {defis.numero}", f"Transmitida em {local:%d/%m/%Y %H:%M:%S}"]
    return {
        "idDefis": int(defis.numero),
        "declaracao": papel("Declaração DEFIS", defis.contribuinte, linhas),
        "recibo": papel("Recibo de entrega da DEFIS", defis.contribuinte, linhas),
    }


SERVICOS = {
    "TRANSDECLARACAO141": Simulado(transmitir, tem_efeito),
    "CONSDECLARACAO142": Simulado(listar),
    "CONSULTIMADECREC143": Simulado(ultima),
    "CONSDECREC144": Simulado(por_numero),
}
