"""Use-cases of the templates of what an empresa renders."""

from django.db import transaction

from comum.models import Usuario
from nfse.models import Servico
from nfse.services import cadastro

CAMPOS = (
    "codigo",
    "nome",
    "item_lc116",
    "codigo_municipal",
    "codigo_nacional",
    "nbs",
    "cnae",
    "atividade",
    "unidade",
    "descricao",
    "valor",
    "aliquota_iss",
    "iss_retido",
    "retem_pis",
    "retem_cofins",
    "retem_csll",
    "retem_ir",
    "retem_inss",
    "exigibilidade",
    "imunidade",
    "exige_obra",
    "ibs_cbs_fornecimento",
    "ibs_cbs_situacao",
    "ibs_cbs_classificacao",
    "pis_cofins_situacao",
    "pis_aliquota",
    "cofins_aliquota",
    "ativo",
)
_TOMADOS = {"servico_codigo_unico": ("codigo", "Este código acabou de ser usado por outra pessoa. Use outro código.")}


@transaction.atomic
def salvar_servico(*, servico: Servico, usuario: Usuario | None) -> Servico:
    """Create or alter one serviço, with one audit row. Notas already made keep what they were made with."""
    cadastro.gravar(servico, cadastro.atual(servico), CAMPOS, usuario, _TOMADOS)
    return servico
