from django import forms


class ResolverForm(forms.Form):
    """What a person saw in the service about an Operacao in doubt."""

    evidencia = forms.CharField(
        label="O que foi visto no serviço",
        max_length=300,
        strip=True,
        help_text="Se aconteceu, o número ou o protocolo; se não, onde foi conferido. Fica na auditoria com seu nome.",
        error_messages={"required": "Escreva o número, o protocolo ou onde foi conferido antes de responder."},
    )
