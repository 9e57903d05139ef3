package demo

// district are the services of the invented district. The towns, the houses, the
// people and the numbers exist nowhere.
var district = []invented{
	{
		name: "Dispensaire du Puits-Clair", run: "Santé du Delta (inventée)", kinds: []string{medical}, at: tirawell, door: "Rue du Puits, porte verte", phone: "00 00 01 01",
		hours: []string{always}, says: "Soins de jour et de nuit. On peut entrer par le jardin.", looked: 4, class: "public",
		yes: []string{"cmr", "women_on_staff", "child_competent", "confidential_entrance", "medico_legal", "disability_access"}, languages: []string{"fra", "bam", "taq", "ses"},
		stock: map[string]string{"stock_pep": "yes", "stock_ec": "yes", "stock_hepb": "yes", "stock_tt": "yes"},
		more:  map[string]string{"capacity": "open", "referral_method": "phone", "focal_role": "La sage-femme de garde", "fees_description": "Gratuit"},
	},
	{
		name: "Poste de santé de Kelmo", run: "Santé du Delta (inventée)", kinds: []string{medical}, at: kelmo, door: "Place du Marché", phone: "00 00 01 02",
		hours: []string{sixDays}, says: "Premiers soins, vaccins, suivi de grossesse.", looked: 12, class: "public",
		yes: []string{"cmr", "women_on_staff"}, no: []string{"forensic"}, languages: []string{"fra", "ffm"},
		stock: map[string]string{"stock_pep": "no", "stock_ec": "yes", "stock_tt": "yes"}, more: map[string]string{"capacity": "limited", "focal_role": "L’infirmier-chef"},
	},
	{
		name: "Centre de santé de Marsafi", run: "District (inventé)", kinds: []string{medical}, at: marsafi, door: "Route du Nord", phone: "00 00 01 03",
		hours: []string{week}, says: "Consultations et petit laboratoire.", looked: 41, class: "public",
		yes: []string{"cmr", "male_competent", "disability_access"}, languages: []string{"fra", "taq"}, stock: map[string]string{"stock_pep": "yes", "stock_ec": "unknown"},
	},
	{
		name: "Hôpital d’Oudanké", run: "District (inventé)", kinds: []string{medical}, at: oudane, door: "Colline de l’Hôpital", phone: "00 00 01 04",
		hours: []string{always}, says: "Urgences, chirurgie, certificats.", looked: 8, class: "public",
		yes: []string{"cmr", "forensic", "medico_legal", "male_competent", "child_competent", "women_on_staff"}, languages: []string{"fra", "ara", "taq"},
		stock: map[string]string{"stock_pep": "yes", "stock_ec": "yes", "stock_hepb": "no"},
		more:  map[string]string{"mandatory_reporting": "yes", "mandatory_reporting_note": "Les blessures par arme, selon la règle de l’hôpital.", "wait_time": "Deux à quatre heures"},
	},
	{
		name: "Pharmacie mobile", run: "Santé du Delta (inventée)", kinds: []string{medical}, at: oudane, door: "Au marché du mardi", phone: "00 00 01 05",
		hours: []string{"TU 09:00-13:00"}, says: "Passe le mardi.", looked: 96, class: "public", languages: []string{"fra"}, stock: map[string]string{"stock_ec": "yes"},
	},
	{
		name: "Espace Lampadère", run: "Association Lampadère (inventée)", kinds: []string{support}, at: tirawell, door: "Derrière la bibliothèque", phone: "00 00 01 06",
		hours: []string{week}, says: "Entretiens et groupes, entre femmes.", looked: 6, class: "public",
		yes: []string{"women_on_staff", "child_competent", "confidential_entrance", "transport_support"}, no: []string{"male_competent"}, languages: []string{"fra", "bam", "ffm"},
		more: map[string]string{"mhpss_tier": "3", "capacity": "open", "focal_role": "La psychologue"},
	},
	{
		name: "Cercle des Tisserandes", run: "Cercle des Tisserandes (inventé)", kinds: []string{support, "livelihoods_service"}, at: marsafi, door: "Atelier du Fil", phone: "00 00 01 07",
		hours: []string{"MO,WE,FR 15:00-18:00"}, says: "On y tisse, on y parle.", looked: 35, class: "public", yes: []string{"women_on_staff"}, languages: []string{"taq", "ses"}, more: map[string]string{"mhpss_tier": "2"},
	},
	{
		name: "Groupe d’écoute des hommes", run: "Association Lampadère (inventée)", kinds: []string{support}, at: tirawell, door: "Salle du Figuier", phone: "00 00 01 08",
		hours: []string{"TH 17:00-19:00"}, says: "Pour les hommes et les garçons, le jeudi.", looked: 20, class: "public", yes: []string{"male_competent"}, languages: []string{"fra", "bam"}, more: map[string]string{"mhpss_tier": "2"},
	},
	{
		name: "Consultation de santé mentale", run: "Hôpital d’Oudanké (inventé)", kinds: []string{support, medical}, at: oudane, door: "Pavillon C", phone: "00 00 01 09",
		hours: []string{"TU,TH 09:00-12:00"}, says: "Soins spécialisés, sur orientation.", looked: 15, class: "partners", yes: []string{"male_competent", "child_competent"}, languages: []string{"fra", "ara"},
		more: map[string]string{"mhpss_tier": "4", "referral_method": "paper", "wait_time": "Une semaine"},
	},
	{
		name: "Bureau de conseil Santal", run: "Bureau Santal (inventé)", kinds: []string{"legal_assistance_service"}, at: tirawell, door: "Rue des Scribes", phone: "00 00 01 10",
		hours: []string{"MO,TU,WE,TH 09:00-15:00"}, says: "Conseil juridique. Rien n’est engagé sans vous.", looked: 18, class: "public", yes: []string{"women_on_staff"}, languages: []string{"fra", "bam"},
		more: map[string]string{"documents": "Une pièce d’identité, si vous en avez une", "fees_description": "Gratuit"},
	},
	{
		name: "Guichet des papiers", run: "Mairie (inventée)", kinds: []string{"registration_service"}, at: marsafi, door: "Mairie, rez-de-chaussée", phone: "00 00 01 11",
		hours: []string{week}, says: "Actes de naissance et copies.", looked: 55, class: "public", languages: []string{"fra"}, yes: []string{"mandatory_reporting"},
	},
	{
		name: "Atelier des Trois-Cours", run: "Coopérative (inventée)", kinds: []string{"livelihoods_service"}, at: tirawell, door: "Trois-Cours", phone: "00 00 01 12",
		hours: []string{"MO,TU,WE,TH,FR 08:00-12:00", "MO,TU,WE,TH,FR 14:00-17:00"}, says: "Couture, savon, jardin.", looked: 25, class: "public", yes: []string{"women_on_staff"}, languages: []string{"bam", "ffm"},
	},
	{
		name: "Point enfance de Marsafi", run: "Amis de l’enfance (inventés)", kinds: []string{"child_protection_service", support}, at: marsafi, door: "École du Baobab", phone: "00 00 01 13",
		hours: []string{week}, says: "Pour les enfants et ceux qui en ont la garde.", looked: 9, class: "public", yes: []string{"child_competent", "women_on_staff"}, languages: []string{"fra", "taq", "ses"},
		more: map[string]string{"maximum_age": "17", "mandatory_reporting": "yes"},
	},
	{
		name: "Maison du Tamarinier", run: "Réseau d’accueil (inventé)", kinds: []string{"safehouse_service"}, at: kelmo, door: "Adresse inventée, ne sort jamais", phone: "00 00 01 14",
		hours: []string{always}, says: "Accueil de nuit et de jour.", looked: 2, class: "partners", yes: []string{"women_on_staff", "child_competent"}, no: []string{"male_competent"}, languages: []string{"fra", "bam"},
		more: map[string]string{"capacity": "limited", "focal_role": "La responsable, par téléphone seulement"},
	},
	{
		name: "Maison d’Oudanké", run: "Réseau d’accueil (inventé)", kinds: []string{"safehouse_service"}, at: oudane, door: "Autre adresse inventée", phone: "00 00 01 15",
		hours: []string{always}, says: "Quelques lits.", looked: 30, languages: []string{"fra"}, yes: []string{"women_on_staff"}, more: map[string]string{"capacity": "full"},
	},
	{
		name: "Cuisine du Gué", run: "Coopérative (inventée)", kinds: []string{"food_service"}, at: kelmo, door: "Près du gué", phone: "00 00 01 16",
		hours: []string{"MO,TU,WE,TH,FR,SA,SU 11:00-14:00"}, says: "Un repas chaud par jour.", looked: 10, class: "public", languages: []string{"ffm", "bam"}, more: map[string]string{"fees_description": "Gratuit"},
	},
	{
		name: "Vestiaire de Tirawell", run: "Entraide (inventée)", kinds: []string{"nfi_clothes_shoes_service"}, at: tirawell, door: "Cour de l’école", phone: "00 00 01 17",
		hours: []string{"WE 09:00-12:00"}, says: "Vêtements, savon, couvertures.", looked: 28, class: "public", languages: []string{"fra"},
	},
	{
		name: "Cours du soir", run: "École du Baobab (inventée)", kinds: []string{"education_service"}, at: marsafi, door: "École du Baobab", phone: "00 00 01 18",
		hours: []string{"MO,TU,TH 18:00-20:00"}, says: "Lire, écrire, compter.", looked: -1, class: "public", languages: []string{"fra", "taq"},
	},
	{
		name: "Poste de garde de Kelmo", run: "Sécurité locale (inventée)", kinds: []string{"police_other_service"}, at: kelmo, door: "Entrée du bourg", phone: "00 00 01 19",
		hours: []string{always}, says: "Si vous le demandez seulement.", looked: 60, class: "partners", yes: []string{"mandatory_reporting"}, no: []string{"women_on_staff"}, languages: []string{"fra"},
	},
	{
		name: "Médiation des Anciens", run: "Conseil du bourg (inventé)", kinds: []string{"family_mediation_service"}, at: kelmo, door: "Sous le grand arbre", phone: "00 00 01 20",
		hours: []string{"FR 16:00-18:00"}, says: "Jamais sans l’accord de la personne.", looked: 22, class: "partners", languages: []string{"ffm"}, more: map[string]string{"closures": "2026-12-25"},
	},
	{
		name: "Ancien relais de Marsafi", run: "District (inventé)", kinds: []string{medical}, at: marsafi, door: "Route de l’Est", phone: "00 00 01 21",
		hours: []string{week}, says: "A fermé.", looked: 200, class: "public", languages: []string{"fra"}, more: map[string]string{"retired_on": "2026-05-01"},
	},
}
