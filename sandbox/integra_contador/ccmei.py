"""CCMEI: the certificate, its data, and the CNPJs of a CPF."""

import base64

from sandbox.documentos import mascara_cnpj
from sandbox.integra_contador.envelope import Pedido, Resultado
from sandbox.integra_contador.erros import Recusa
from sandbox.integra_contador.models import Mei
from sandbox.integra_contador.simulado import Simulado
from sandbox.nucleo.ajustes import Ajustes
from sandbox.nucleo.cadastro import NOME_PADRAO, contribuinte
from sandbox.pdf import marca_dagua, montar, texto

_OCUPACAO, _CNAE = "Comerciante de artigos de teste, independente", "4789099"


def _sucesso(numero: str) -> list[tuple[str, str]]:
    return [(f"[Sucesso-CCMEI-SUC-{numero}]", "Requisição efetuada com sucesso.")]


def _sem_dados(pedido: Pedido) -> None:
    if pedido.dados:
        raise Recusa(400, "[EntradaIncorreta-CCMEI-CRT-0055]", "Este serviço não recebe dados.")


def _mei(pedido: Pedido) -> Mei:
    """The MEI asked about. Raises Recusa with HTTP 200 and a warning for one without a certificate."""
    _sem_dados(pedido)
    registro = Mei.objects.filter(documento=pedido.contribuinte.numero).first()
    if registro is None:
        raise Recusa(200, "[Aviso-CCMEI-BSN-0030]", "Não foram encontrados períodos de enquadramento como MEI.")
    if registro.baixada:
        raise Recusa(200, "[Aviso-CCMEI-BSN-0010]", "Este CNPJ está na situação baixada.")
    return registro


def emitir(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    registro = _mei(pedido)
    nome = contribuinte(registro.documento).razao_social or NOME_PADRAO
    desenho = [
        marca_dagua("SEM VALOR FISCAL"),
        texto(48, 54, "Certificado da Condição de Microempreendedor Individual", tamanho=13, fonte="negrito"),
        texto(48, 71, "Sandbox - documento de teste, SEM VALOR FISCAL"),
        texto(48, 110, nome[:70], tamanho=11, fonte="negrito"),
        texto(48, 128, f"CNPJ {mascara_cnpj(registro.documento)}", fonte="fixa"),
        texto(48, 146, registro.ocupacao or _OCUPACAO),
    ]
    pdf = montar("".join(desenho), titulo=f"CCMEI {registro.documento}")
    return Resultado([{"cnpj": registro.documento, "pdf": base64.b64encode(pdf).decode()}], _sucesso("00030"))


def dados(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    registro = _mei(pedido)
    nome = contribuinte(registro.documento).razao_social or NOME_PADRAO
    desde = registro.desde or ajustes.hoje().replace(month=1, day=1)
    ocupacao = {
        "descricaoOcupacao": registro.ocupacao or _OCUPACAO,
        "codigoCNAE": registro.cnae or _CNAE,
        "descricaoCNAE": "",
    }
    return Resultado(
        {
            "cnpj": registro.documento,
            "empresario": {"nomeCivil": "PESSOA DE TESTE", "nomeSocial": None, "cpf": registro.cpf},
            "dataInicioAtividades": f"{desde:%d/%m/%Y}",
            "nomeEmpresarial": nome,
            "capitalSocial": 1000.0,
            "situacaoCadastralVigente": "ATIVA",
            "dataInicioSituacaoCadastral": f"{desde:%d/%m/%Y}",
            "enderecoComercial": {"cep": "01001000", "logradouro": "PRACA DA SE", "numero": "1", "uf": "SP"},
            "enquadramento": {
                "periodosMei": [{"indice": 1, "dataInicio": f"{desde:%d/%m/%Y}", "dataFim": None}],
                "situacao": "ENQUADRADO",
                "optanteMei": True,
            },
            "atividade": {
                "formasAtuacao": ["Estabelecimento fixo"],
                "ocupacaoPrincipal": ocupacao,
                "ocupacoesSecundarias": [],
            },
            "termoCienciaDispensa": {"titulo": "SEM VALOR FISCAL", "texto": "Documento de teste."},
            "qrcode": None,
        },
        _sucesso("00020"),
    )


def situacao(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    _sem_dados(pedido)
    if pedido.contribuinte.tipo != 1:
        texto_ = "Informado tipo 2 (CNPJ) para a consulta CCMEISITCADASTRAL123. O correto é tipo 1 (CPF)."
        raise Recusa(400, "[EntradaIncorreta-CCMEI-CRT-5010]", texto_)
    achados = Mei.objects.filter(cpf=pedido.contribuinte.numero).order_by("documento")
    if not achados:
        raise Recusa(200, "[Aviso-CCMEI-BSN-0100]", "O CPF pesquisado não possui nenhuma empresa MEI.")
    return Resultado(
        [
            {
                "cnpj": registro.documento,
                "situacao": "BAIXADA" if registro.baixada else "ATIVA",
                "enquadradoMei": registro.baixada is None,
            }
            for registro in achados
        ],
        _sucesso("00010"),
    )


SERVICOS = {
    "EMITIRCCMEI121": Simulado(emitir),
    "DADOSCCMEI122": Simulado(dados),
    "CCMEISITCADASTRAL123": Simulado(situacao),
}
