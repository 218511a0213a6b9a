"""The fields of a note. `obrigatorio` marks those every town asks for; the others depend on the town, and the option
`obrigatorios` asks for them by their dotted path. Fields that are not listed are ignored."""

from dataclasses import dataclass

from sandbox.integranotas.notas import formas
from sandbox.integranotas.notas.formas import Forma, Texto


@dataclass(frozen=True)
class Campo:
    """`caminho` is dotted; `[]` after a name stands for every element of a list."""

    caminho: str
    forma: Forma
    obrigatorio: bool = False


def _grupo(prefixo: str, campos: dict[str, Forma], obrigatorios: str = "") -> list[Campo]:
    exigidos = set(obrigatorios.split())
    return [Campo(f"{prefixo}{nome}", forma, nome in exigidos) for nome, forma in campos.items()]


_TEXTO: Forma = Texto()
_RETIDOS: dict[str, Forma] = dict.fromkeys(
    ("valor_pis", "valor_cofins", "valor_inss", "valor_ir", "valor_csll", "valor_outras"), formas.quantia
)
_IBS_CBS: dict[str, Forma] = dict.fromkeys(
    (
        "consumidor_final",
        "codigo_fornecimento",
        "tipo_destinatario",
        "situacao_tributaria",
        "classificacao_tributaria",
    ),
    _TEXTO,
)

RAIZ = [
    *_grupo(
        "",
        {
            "numero": formas.digitos(1, 9),
            "serie": formas.alfanumerico(1, 5),
            "tipo": formas.opcoes_de_texto("1"),
            "status": formas.opcoes_de_texto("1"),
            "data_emissao": formas.data_hora,
            "data_competencia": formas.data_hora,
            "tomador": formas.objeto,
            "servico": formas.objeto,
            "intermediario": formas.objeto,
            "obra": formas.objeto,
            "regime_tributacao": formas.texto_ou_booleano,
            "regime_apuracao": formas.texto_ou_booleano,
            "tipo_emitente": formas.texto_ou_booleano,
            "natureza_operacao": formas.texto_ou_booleano,
            "incentivo_fiscal": formas.texto_ou_booleano,
            "informacoes_complementares": Texto(2000),
        },
        "numero serie data_emissao tomador servico",
    ),
    *_grupo(
        "tomador.",
        {
            "cnpj": _TEXTO,
            "cpf": _TEXTO,
            "razao_social": Texto(75),
            "im": _TEXTO,
            "email": Texto(60),
            "telefone": formas.digitos(8, 14),
            "tipo_destinatario": _TEXTO,
            "endereco": formas.objeto,
        },
        "razao_social endereco",
    ),
    *_grupo(
        "tomador.endereco.",
        {
            "logradouro": Texto(50),
            "numero": Texto(10),
            "complemento": Texto(30),
            "bairro": Texto(30),
            "codigo_municipio": formas.codigo_ibge,
            "nome_municipio": _TEXTO,
            "uf": formas.sigla_uf,
            "cep": formas.digitos(8),
        },
        "logradouro numero bairro codigo_municipio uf cep",
    ),
    *_grupo("intermediario.", {"cnpj": _TEXTO, "cpf": _TEXTO, "im": _TEXTO, "razao_social": Texto(75)}),
    *_grupo("obra.", {"codigo": _TEXTO, "art": _TEXTO}),
]

_IBS_CBS_DO_SERVICO = [
    Campo("servico.ibs_cbs", formas.objeto),
    *_grupo("servico.ibs_cbs.", _IBS_CBS),
]

SERVICO_V1 = [
    *_grupo(
        "servico.",
        {
            "codigo_municipio": formas.codigo_ibge,
            "codigo_municipio_prestacao": formas.codigo_ibge,
            "iss_retido": formas.booleano,
        },
        "codigo_municipio",
    ),
    *_grupo(
        "servico.itens[].",
        {
            "codigo": formas.codigo_de_servico,
            "codigo_tributacao_municipio": _TEXTO,
            "discriminacao": Texto(2000),
            "valor_servicos": formas.quantia_positiva,
            "valor_aliquota": formas.taxa,
            "valor_iss": formas.quantia,
            "valor_base_calculo": formas.quantia,
            "valor_deducoes": formas.quantia,
            **_RETIDOS,
            "valor_desconto_incondicionado": formas.quantia,
            "codigo_cnae": formas.digitos(7),
            "codigo_nbs": formas.digitos(9),
            "exigibilidade_iss": _TEXTO,
            "unidade_nome": _TEXTO,
            "unidade_quantidade": formas.quantidade,
            "unidade_valor": formas.quantia,
        },
        "codigo discriminacao valor_servicos",
    ),
    *_IBS_CBS_DO_SERVICO,
]

SERVICO_V2 = [
    *_grupo(
        "servico.",
        {
            "codigo": formas.codigo_de_servico,
            "codigo_tributacao_municipio": _TEXTO,
            "codigo_nbs": formas.digitos(9),
            "discriminacao": Texto(2000),
            "valor_servicos": formas.quantia_positiva,
            "valor_deducoes": formas.quantia,
            "valor_desconto_incondicionado": formas.quantia,
            "endereco_local_prestacao": formas.objeto,
            "tributos_municipais": formas.objeto,
            "tributos_nacionais": formas.objeto,
            "tributos_totais": formas.objeto,
        },
        "codigo discriminacao valor_servicos",
    ),
    *_grupo(
        "servico.endereco_local_prestacao.",
        {
            "codigo_municipio": formas.codigo_ibge,
            "codigo_municipio_prestacao": formas.codigo_ibge,
            "codigo_pais": _TEXTO,
        },
    ),
    *_grupo(
        "servico.tributos_municipais.",
        {
            "iss_retido": formas.booleano,
            "responsavel_retencao": _TEXTO,
            "valor_base_calculo_iss": formas.quantia,
            "aliquota_iss": formas.taxa,
            "valor_aliquota": formas.taxa,
            "valor_iss": formas.quantia,
            "tipo_operacao": _TEXTO,
        },
    ),
    *_grupo(
        "servico.tributos_nacionais.",
        {
            **_RETIDOS,
            "cst": _TEXTO,
            "tipo_retencao": _TEXTO,
            "aliquota_pis": formas.taxa,
            "aliquota_cofins": formas.taxa,
            "valor_base_calculo": formas.quantia,
        },
    ),
    *_grupo(
        "servico.tributos_totais.",
        {"percentual_tributos_municipais": formas.taxa, "valor_tributos_municipais": formas.quantia},
    ),
    *_IBS_CBS_DO_SERVICO,
]

CAMPOS = {1: [*RAIZ, *SERVICO_V1], 2: [*RAIZ, *SERVICO_V2]}
CAMINHOS = frozenset(campo.caminho for campos in CAMPOS.values() for campo in campos)
DO_ITEM = frozenset(
    campo.caminho.removeprefix("servico.itens[].")
    for campo in SERVICO_V1
    if campo.caminho.startswith("servico.itens[].")
)
