"""The own emitter of a município."""

from django.core.exceptions import ValidationError
from django.forms import CharField, ModelForm

from nfse.models import EmissorMunicipal
from nfse.services.emissores import EnderecoRecusado, ler_endereco

CAMPOS_DO_EMISSOR = ("municipio", "sefin", "fundamento", "ativo")


class EmissorMunicipalForm(ModelForm[EmissorMunicipal]):
    sefin = CharField(
        label="Endereço da Sefin",
        max_length=200,
        help_text="Até antes de /nfse, como https://nfse.cidade.gov.br/SefinNacional. Só para o emissor do município "
        "que fala a mesma API; as notas já enviadas continuam no endereço por onde foram.",
    )

    class Meta:
        model = EmissorMunicipal
        fields = CAMPOS_DO_EMISSOR
        help_texts = {"fundamento": "O ato ou o comunicado do município que diz este endereço."}

    def clean_sefin(self) -> str:
        try:
            return ler_endereco(self.cleaned_data["sefin"])
        except EnderecoRecusado as erro:
            raise ValidationError(str(erro)) from erro
