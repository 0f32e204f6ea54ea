//! Accounts, roles, sign-in and who is asking: the witnesses that every change needs. Separate because each step asks
//! "who?" first, and only this folder can answer.
//!
//! A witness ([`Coordinator`], [`OwnEnrollment`], [`PairMember`], …) can be made here only. A rule or store function
//! that takes one cannot be called by code that forgot the check.

#[cfg(feature = "ssr")]
pub mod api;
#[cfg(feature = "ssr")]
pub mod limit;
#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(feature = "ssr")]
pub mod password;
#[cfg(feature = "ssr")]
pub mod session;
#[cfg(feature = "ssr")]
pub mod store;
#[cfg(feature = "ssr")]
pub mod viewer;

#[cfg(feature = "ssr")]
pub use viewer::{Coordinator, Mentee, Mentor, OwnEnrollment, PairMember, Side, Viewer, viewer};

use crate::words;

words! {
    /// What a person comes to the software as. One person may hold several.
    pub enum Role {
        Mentee = "mentee",
        Mentor = "mentor",
        Coordinator = "coordinator",
    }

    /// The two reasons for a link that is good once.
    pub enum LinkKind {
        Invitation = "invitation",
        PasswordReset = "password_reset",
    }

    /// Professions as the application asks for them (PROGRAM section 8, "listed discipline").
    pub enum Discipline {
        Nurse = "nurse",
        Dietitian = "dietitian",
        Pharmacist = "pharmacist",
        Physician = "physician",
        PhysicianAssistant = "physician_assistant",
        SocialWorker = "social_worker",
        Psychologist = "psychologist",
        PhysicalTherapist = "physical_therapist",
        OccupationalTherapist = "occupational_therapist",
        ExercisePhysiologist = "exercise_physiologist",
        HealthEducator = "health_educator",
        CommunityHealthWorker = "community_health_worker",
        Other = "other",
    }

    /// Ways in which a pair talks.
    pub enum Way {
        Phone = "phone",
        Video = "video",
        InPerson = "in_person",
        Email = "email",
    }

    /// What a mentor knows best and a mentee wants to learn most.
    pub enum Interest {
        Type1 = "type_1",
        Technology = "technology",
        Pregnancy = "pregnancy",
        Pediatrics = "pediatrics",
        OlderAdults = "older_adults",
        TribalHealth = "tribal_health",
        RuralPractice = "rural_practice",
        ExamPreparation = "exam_preparation",
    }
}

impl Role {
    pub fn name(self) -> &'static str {
        match self {
            Self::Mentee => "Mentee",
            Self::Mentor => "Mentor",
            Self::Coordinator => "Coordinator",
        }
    }

    /// Where a person of this role begins.
    pub fn home(self) -> &'static str {
        match self {
            Self::Mentee => "/mentee",
            Self::Mentor => "/mentor",
            Self::Coordinator => "/coordinator",
        }
    }
}

impl Discipline {
    pub fn name(self) -> &'static str {
        match self {
            Self::Nurse => "Nurse",
            Self::Dietitian => "Dietitian",
            Self::Pharmacist => "Pharmacist",
            Self::Physician => "Physician",
            Self::PhysicianAssistant => "Physician assistant",
            Self::SocialWorker => "Social worker",
            Self::Psychologist => "Psychologist",
            Self::PhysicalTherapist => "Physical therapist",
            Self::OccupationalTherapist => "Occupational therapist",
            Self::ExercisePhysiologist => "Exercise physiologist",
            Self::HealthEducator => "Health educator",
            Self::CommunityHealthWorker => "Community health worker",
            Self::Other => "Other",
        }
    }
}

impl Way {
    pub fn name(self) -> &'static str {
        match self {
            Self::Phone => "Phone",
            Self::Video => "Video",
            Self::InPerson => "In person",
            Self::Email => "E-mail",
        }
    }
}

impl Interest {
    pub fn name(self) -> &'static str {
        match self {
            Self::Type1 => "Type 1 diabetes",
            Self::Technology => "Diabetes technology",
            Self::Pregnancy => "Pregnancy",
            Self::Pediatrics => "Children and teens",
            Self::OlderAdults => "Older adults",
            Self::TribalHealth => "Tribal health",
            Self::RuralPractice => "Rural practice",
            Self::ExamPreparation => "Exam preparation",
        }
    }
}
