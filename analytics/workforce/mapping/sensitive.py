"""Sensitive fields: personal data that no report here needs.

Goes in: a source field as a mapping names it. Comes out: the kind of sensitive data
that its name tells of, or None. Names are looked at, not contents, in English, German,
French and Spanish: as stems anywhere in the name (``Geburtsdatum``), and as whole words
where a stem would hit too much (``race``, not ``trace``). A list can only remind: who
calls a salary "Field 7" is not found out.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")

_STEMS: dict[str, str] = {
    "national or tax number": """
        nationalid nationalidentif nationalinsurance socialsecurity socialinsurance
        taxid taxnumber taxpayer passport drivinglicen driverlicen driverslicen
        identitycard identitynumber idcardnumber
        sozialvers rentenvers steuerid steuernummer steuernr steueridnr reisepass
        personalausweis fuhrerschein fuehrerschein svnummer svnr ahvnummer
        securitesociale numerofiscal passeport permisdeconduire carteidentite
        cartedidentite seguridadsocial identificacionfiscal pasaporte
        documentonacional cedula licenciadeconducir""",
    "birth or age": """
        birth geburt gebdat gbdat gebtag geboren naissance nacimiento""",
    "gender or sexual orientation": """
        gender geschlecht sexual sexuell sexuelle genero""",
    "ethnicity": """
        ethnic ethnisch ethnie ethniq etnia etnic hautfarbe herkunftsland origineracial
        origenracial racial""",
    "religion": """
        religi konfession kirchensteuer kirchgeld culterelig""",
    "disability": """
        disabil disabled behinder handicap discapac minusval invalidit invaliditat
        gleichgestellt reasonableaccommodation""",
    "health": """
        medical medizin medico medica healthcond healthins healthstat healthcare
        gesundheit krankenkasse krankenversich krankheit krankenstand krankmeld
        diagnos pregnan schwanger embaraz enceinte mutterschutz maladie enfermedad
        allerg vaccin impfstatus impfung blutgruppe bloodtype bloodgroup""",
    "marital status and family": """
        marital marriage familienstand zivilstand ehegatte ehepartner spouse conjoint
        conyuge situationfamiliale etatcivil estadocivil civilstatus numberofchildren
        kinderzahl kinderanzahl kinderfreibetrag anzahlkinder nombredenfants
        numerodehijos maidenname""",
    "pay": """
        salary salaries salaire salario gehalt lohn vergutung verguetung entgelt
        remuner compensation einkommen bezuge sueldo bonus hourlyrate dayrate wagerate
        taxclass steuerklasse payrate paygrade payscale payband tarifgruppe""",
    "bank account": """
        bankacc bankverb bankname bankkonto bankleitzahl bankdetail bankcode
        kontonummer kontoinhaber comptebancaire cuentabancaria coordonneesbancaires
        routingnumber sortcode creditcard kreditkarte cartebancaire accountiban""",
    "home address": """
        homeaddr privateaddr residentialaddr residenceaddr legaladdr permanentaddr
        mailingaddr postaladdr streetaddr heimadresse privatadresse wohnadresse wohnort
        wohnsitz hausnummer anschrift strasse domicil housenumber adressepostale
        codepostaldomicile direccionpostal""",
    "private phone or e-mail": """
        privattel privathandy privatmobil privatmail privatemail telefonprivat
        handyprivat emergencycontact notfallkontakt contactdurgence
        contactodeemergencia""",
    "nationality": """
        nationalit citizen staatsangeh staatsburger staatsbuerger burgerschaft
        nacionalidad citoyennet ciudadania immigration aufenthaltstitel
        aufenthaltserlaubnis""",
    "union membership": """
        tradeunion laborunion labourunion unionmember unioncode unionstatus unionname
        gewerkschaft syndicat syndical sindicato sindical""",
    "veteran or military status": """
        veteran military militar wehrdienst kriegsdienst servicemember""",
    "photo or biometrics": """
        photo lichtbild passfoto passbild portrait portratfoto biometr fingerprint
        fingerabdruck facialimage gesichtserk avatar""",
    "criminal record": """
        criminal vorstraf fuhrungszeugnis fuehrungszeugnis casierjudiciaire
        antecedentespenales conviction backgroundcheck strafregister""",
}

_WORDS: dict[str, str] = {  # whole words; a phrase has its words joined by _
    "national or tax number": """
        ssn nino sin_number nin tin itin nif nie dni curp nir insee rfc cpf steuer_id
        nas ahv id_card tax_no""",
    "birth or age": "dob bday age alter edad born",
    "gender or sexual orientation": "sex sexe sexo genre pronoun pronouns",
    "ethnicity": "race rasse raza ethnicity",
    "religion": "religion faith creed church kirche glaube croyance",
    "disability": "gdb rqth sgb",
    "health": "health sante salud sick sickness illness disease krank bmi",
    "marital status and family": """
        married verheiratet marie casado spouse children dependents dependants kinder
        enfants hijos""",
    "pay": """
        pay wage wages base_pay net_pay gross_pay earnings income revenu ingresos
        nomina prime sold paye stipend commission""",
    "bank account": "iban bic swift bank rib clabe blz banque banco",
    "home address": "street strasse str rue calle plz_wohnort",
    "nationality": "visa nation",
    "union membership": "union unions betriebsrat",
    "veteran or military status": "army bundeswehr",
    "photo or biometrics": "picture foto fotos image bild thumbnail",
    "criminal record": "felony misdemeanor dbs",
}

# A private word and a word of contact, anywhere in one name.
_PRIVATE = """private privat prive privee privado privada personal personnel personnelle
    personliche home heim domicile particular residential"""
_CONTACT = """phone phones telephone telephones tel telefon telefono mobile mobiles
    movil portable cell handy fax email emails mail mails courriel correo address
    addresses adresse adressen direccion emailaddress phonenumber"""


def _listed(lists: dict[str, str]) -> list[tuple[str, str]]:
    return [(kind, term) for kind, terms in lists.items() for term in terms.split()]


_STEM_LIST = _listed(_STEMS)
_WORD_LIST = _listed(_WORDS)
_PRIVATE_WORDS = frozenset(_PRIVATE.split())
_CONTACT_WORDS = frozenset(_CONTACT.split())


def words_of(name: str) -> list[str]:
    """Return the words of a field's name: without case, accents and punctuation."""
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss"))
    plain = "".join(one for one in plain if not unicodedata.combining(one))
    return [word.lower() for word in _WORD.findall(plain)]


def sensitive_kind(name: str) -> str | None:
    """Return the kind of sensitive data that a source field's name tells of."""
    words = words_of(name)
    squashed = "".join(words)
    spaced = f"_{'_'.join(words)}_"
    for kind, stem in _STEM_LIST:
        if stem in squashed:
            return kind
    for kind, term in _WORD_LIST:
        if f"_{term}_" in spaced or squashed == term.replace("_", ""):
            return kind
    pairs = (one + other for one, other in pairwise(words))  # "E-Mail" is two words
    if not _PRIVATE_WORDS.isdisjoint(words) and not _CONTACT_WORDS.isdisjoint(
        {*words, *pairs}
    ):
        return "private address, phone or e-mail"
    return None
