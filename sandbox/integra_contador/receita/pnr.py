"""PNRCONTADOR: vínculos (261), renúncia (262), its list (263), receipt (264) and situation (265).

A request is decided `renuncia_segundos` later, and only then is the vínculo gone.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sandbox.documentos import cnpj_valido, cpf_valido
from sandbox.integra_contador.catalogo import SERVICO
from sandbox.integra_contador.envelope import Pedido, Resultado, ler_json
from sandbox.integra_contador.erros import Recusa
from sandbox.integra_contador.models import PedidoDeRenuncia, VinculoContabil
from sandbox.integra_contador.receita.opcoes import opcao
from sandbox.integra_contador.receita.papel import papel
from sandbox.integra_contador.simulado import Simulado, tem_efeito
from sandbox.nucleo.ajustes import BRASILIA, Ajustes
from sandbox.nucleo.livro import gravacao, proximo, registrar

_MAIOR_PAGINA = 50
_SUCESSO = [("[Sucesso-PNRCONTADOR]", "Requisição efetuada com sucesso.")]
_NADA = ("[Aviso-PNRCONTADOR-301]", "A consulta não retornou dados.")


def _recusa(numero: int, texto: str, *, tipo: str = "EntradaIncorreta", http: int = 400) -> Recusa:
    return Recusa(http, f"[{tipo}-PNRCONTADOR-{numero:03d}]", texto)


def _ler(texto: str, aceitos: set[str]) -> dict[str, Any]:
    try:
        dados: Any = ler_json(texto)
    except ValueError:
        dados = None
    if not isinstance(dados, dict):
        raise _recusa(2, "Dados inválidos: o corpo não é um objeto.")
    if estranho := sorted(set(dados) - aceitos):
        raise _recusa(9, f"O campo '{estranho[0]}' está incorreto, ausente, ou nulo.")
    return dados


def _pagina(valor: Any) -> int:
    if not isinstance(valor, int) or isinstance(valor, bool) or not 1 <= valor <= _MAIOR_PAGINA:
        raise _recusa(6, "Tamanho da página inválido informado.")
    return valor


def _ativos(contador: str, agora: datetime) -> list[VinculoContabil]:
    renunciados = set(
        PedidoDeRenuncia.objects.filter(contador=contador, decidida__lte=agora).values_list("cnpj", flat=True)
    )
    todos = VinculoContabil.objects.filter(contador=contador).order_by("cnpj")
    return [vinculo for vinculo in todos if vinculo.cnpj not in renunciados]


def vinculos(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    pagina = _ler(pedido.dados, {"pagination"}).get("pagination")
    if not isinstance(pagina, dict) or set(pagina) - {"size", "lastCnpj"}:
        raise _recusa(9, "O campo 'pagination' está incorreto, ausente, ou nulo.")
    tamanho = _pagina(pagina.get("size", 10))
    depois = str(pagina.get("lastCnpj") or "")
    todos = _ativos(pedido.autor.numero, ajustes.agora())
    restam = [vinculo for vinculo in todos if vinculo.cnpj > depois]
    if not restam:
        return Resultado(None, [_NADA])
    nesta = restam[:tamanho]
    saida = {
        "cnpjs": [
            {
                "cnpj": vinculo.cnpj,
                "tipoEstabelecimento": "Matriz" if vinculo.cnpj[8:12] == "0001" else "Filial",
                "situacaoCadastral": {"codigo": "02", "descricao": "Ativa"},
                "uf": vinculo.uf,
                "codigoMunicipio": "7107",
                "nomeMunicipio": vinculo.municipio or None,
            }
            for vinculo in nesta
        ],
        "totalInThePage": len(nesta),
        "totalInTheDatabase": len(todos),
        "lastCnpj": nesta[-1].cnpj,
    }
    return Resultado(saida, _SUCESSO)


def renunciar(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    dados = _ler(pedido.dados, {"solicitacaoRenunciaContador", "cienciaDeclaracoes"})
    pedida = dados.get("solicitacaoRenunciaContador")
    aceitos = {"cnpj", "cpfContador", "cnpjEmpresaContabil", "cpfPreenchedor"}
    if not isinstance(pedida, dict) or set(pedida) - aceitos:
        raise _recusa(9, "O campo 'solicitacaoRenunciaContador' está incorreto, ausente, ou nulo.")
    cnpj, responsavel = pedida.get("cnpj"), pedida.get("cpfPreenchedor")
    if not isinstance(cnpj, str) or not cnpj_valido(cnpj):
        raise _recusa(9, "O campo 'cnpj' está incorreto, ausente, ou nulo.")
    if not isinstance(responsavel, str) or not cpf_valido(responsavel):
        texto = (
            f"o 'cpfResponsavel' do Autor do Pedido de Dados e o 'cpfPreenchedor'({responsavel}) devem ser idênticos."
        )
        raise _recusa(7, f"Para solicitar a Renúncia de um CNPJ, {texto}")
    autor = pedido.autor.numero
    if autor not in (pedida.get("cpfContador"), pedida.get("cnpjEmpresaContabil")):
        texto = "o contador informado na Solicitação não corresponde ao Autor do Pedido de Dados."
        raise _recusa(103, f"Solicitação de Renúncia não permitida: {texto}", tipo="AcessoNegado", http=403)
    if dados.get("cienciaDeclaracoes") is not True:
        raise _recusa(14, "O solicitante não confirmou ciência e concordância com os termos das declarações.")
    agora = ajustes.agora()
    with gravacao():
        if cnpj not in {vinculo.cnpj for vinculo in _ativos(autor, agora)} or _pendente(autor, cnpj, agora):
            texto = "Solicitação de Renúncia não permitida: não há vínculo contabilista ativo com o CNPJ."
            raise _recusa(101, texto, tipo="AcessoNegado", http=403)
        renuncia = PedidoDeRenuncia.objects.create(
            solicitacao=f"PNRCONTADOR-{agora.astimezone(BRASILIA):%Y%m%d}-{uuid4().hex[:20]}",
            contador=autor,
            cnpj=cnpj,
            responsavel=responsavel,
            numero=1000 + proximo("renuncia"),
            pedida=agora,
            decidida=agora + _daqui(ajustes),
        )
        registrar(
            instante=agora,
            servico=SERVICO,
            tipo="renuncia_pedida",
            contribuinte=autor,
            numero=str(renuncia.numero),
            documento=cnpj,
            tag=tag,
        )
    aviso = "Utilize o serviço 'Situação Solicitar Renúncia' para consultar a situação da solicitação."
    return Resultado({"idSolicitacao": renuncia.solicitacao}, [*_SUCESSO, ("[Aviso-PNRCONTADOR-304]", aviso)])


def _daqui(ajustes: Ajustes) -> timedelta:
    return timedelta(seconds=opcao(ajustes, "renuncia_segundos"))


def _pendente(autor: str, cnpj: str, agora: datetime) -> bool:
    return PedidoDeRenuncia.objects.filter(contador=autor, cnpj=cnpj, decidida__gt=agora).exists()


def renuncias(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    dados = _ler(pedido.dados, {"page", "pageSize", "dtInicio", "dtFim"})
    tamanho, pagina = _pagina(dados.get("pageSize", 10)), dados.get("page", 0)
    if not isinstance(pagina, int) or isinstance(pagina, bool) or pagina < 0:
        raise _recusa(4, "Página inválida informada.")
    feitas = PedidoDeRenuncia.objects.filter(contador=pedido.autor.numero, decidida__lte=ajustes.agora())
    todas = list(feitas.order_by("numero"))
    nesta = todas[pagina * tamanho : (pagina + 1) * tamanho]
    if not todas:
        return Resultado(None, [_NADA])
    saida = {
        "content": [_mostrar(renuncia) for renuncia in nesta],
        "totalElements": len(todas),
        "totalPages": -(-len(todas) // tamanho),
        "number": pagina,
        "size": tamanho,
        "numberOfElements": len(nesta),
        "first": pagina == 0,
        "last": (pagina + 1) * tamanho >= len(todas),
        "empty": not nesta,
    }
    return Resultado(saida, _SUCESSO)


def situacao(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    dados = _ler(pedido.dados, {"idSolicitacao"})
    achada = PedidoDeRenuncia.objects.filter(solicitacao=str(dados.get("idSolicitacao") or "")).first()
    if achada is None:
        raise _recusa(8, "A solicitação da renúncia informada não foi encontrada.")
    _do_autor(achada, pedido)
    if ajustes.agora() < achada.decidida:
        return Resultado(
            {"resultado": False, "mensagemRetorno": "A solicitação está em processamento.", "renuncia": None}, _SUCESSO
        )
    texto = f"Sua renúncia à empresa {achada.cnpj} foi efetuada com sucesso!"
    return Resultado({"resultado": True, "mensagemRetorno": texto, "renuncia": _mostrar(achada)}, _SUCESSO)


def comprovante(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    numero = _ler(pedido.dados, {"idRenuncia"}).get("idRenuncia")
    if not isinstance(numero, int) or isinstance(numero, bool):
        raise _recusa(9, "O campo 'idRenuncia' está incorreto, ausente, ou nulo.")
    achada = PedidoDeRenuncia.objects.filter(numero=numero, decidida__lte=ajustes.agora()).first()
    if achada is None:
        raise _recusa(5, "A renúncia informada não foi encontrada ou não pertence ao Autor do Pedido de Dados.")
    _do_autor(achada, pedido)
    linhas = [
        f"Renúncia {achada.numero}",
        f"Empresa {achada.cnpj}",
        f"Em {achada.decidida.astimezone(BRASILIA):%d/%m/%Y}",
    ]
    with gravacao():
        registrar(
            instante=ajustes.agora(),
            servico=SERVICO,
            tipo="comprovante_de_renuncia",
            contribuinte=pedido.autor.numero,
            numero=str(achada.numero),
            documento=achada.cnpj,
            tag=tag,
        )
    return Resultado(papel("Comprovante de renúncia", achada.contador, linhas), _SUCESSO)


def _do_autor(achada: PedidoDeRenuncia, pedido: Pedido) -> None:
    if achada.contador != pedido.autor.numero:
        texto = "O Autor do Pedido de Dados não é Solicitante/Renunciante da Solicitação/Renúncia informada."
        raise _recusa(102, texto, tipo="AcessoNegado", http=403)


def _mostrar(renuncia: PedidoDeRenuncia) -> dict[str, Any]:
    return {
        "id": renuncia.numero,
        "cnpjRenunciada": renuncia.cnpj,
        "dataRenuncia": str(int(renuncia.decidida.timestamp() * 1000)),
        "cnpjSolicitante": renuncia.contador,
        "cnpjRenunciante": renuncia.contador,
        "cpfSolicitante": None,
        "cpfRenunciante": None,
        "cpfLogado": renuncia.responsavel,
    }


SERVICOS = {
    "CONSVINCULOS261": Simulado(vinculos),
    "SOLICRENUNCIA262": Simulado(renunciar, tem_efeito),
    "CONSRENUNCIA263": Simulado(renuncias),
    "COMPRENUNCIA264": Simulado(comprovante, tem_efeito),
    "SITSOLICRENUNCIA265": Simulado(situacao),
}
